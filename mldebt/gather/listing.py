"""What a scan would read of a folder, as what kind of file and for what purpose, and what it leaves out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mldebt.config import Config
from mldebt.gather.alike import dumps, without_data
from mldebt.gather.content import Content, choose, contents, inclusion
from mldebt.gather.discover import Found, find
from mldebt.source import Kind, Problem, Purpose


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """A file that is there: its kind and purpose where it is read, else why it is not (`code` is stable, `why` for
    people)."""

    path: str
    kind: Kind = Kind.OTHER
    purpose: Purpose | None = None
    code: str = ""
    why: str = ""


def listing(root: Path, config: Config) -> tuple[Listed, ...]:
    """Every file below `root` that git does not ignore, by path. Raises what `gather` raises."""
    found, included = find(root), inclusion(config)
    kept = [entry for entry in found.entries if included(entry.path)]
    chosen, crowds = without_data(choose(root, kept, included))
    read: list[Listed] = []
    lost: dict[str, Problem] = {one.at.path: one for one in (*dumps(kept), *found.problems)}
    for item in contents(root, chosen, config.max_file_size):
        if isinstance(item, Content):
            read.append(Listed(item.source.path, item.source.kind, item.source.purpose))
        else:
            lost[item.at.path] = item
    done = {one.path for one in read}
    left = (path for path in (*found.links, *(entry.path for entry in found.entries)) if path not in done)
    why = _reasons(found, lost, crowds, included)
    return tuple(sorted((*read, *(Listed(path, code=code, why=text) for path in left for code, text in [why(path)])),
                        key=lambda one: one.path))  # fmt: skip


def _reasons(
    found: Found, lost: dict[str, Problem], crowds: tuple[Problem, ...], included: Callable[[str], bool]
) -> Callable[[str], tuple[str, str]]:
    """Why a path is not read: a code and words."""
    links = frozenset(found.links)

    def why(path: str) -> tuple[str, str]:
        if not included(path):
            return "configuration", "include or exclude of the configuration leaves it out"
        if path in lost:
            return lost[path].code, lost[path].text
        if path in links:
            return "link", "a second name of a file that is read under its own, or lies elsewhere"
        return next(_crowded(path, crowds), ("kind", "no kind of file that is read"))

    return why


def _crowded(path: str, crowds: tuple[Problem, ...]) -> Iterator[tuple[str, str]]:
    for crowd in crowds:
        inside = "/" not in path if crowd.at.path == "." else path.startswith(f"{crowd.at.path}/")
        if inside and path.lower().endswith(".json"):
            yield crowd.code, crowd.text
