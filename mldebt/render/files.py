"""The files of a repository as a scan sees them: a line each, then how many of which kind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from mldebt.gather.listing import Listed
from mldebt.render.options import Options
from mldebt.render.safe import finish, visible, without_surrogates

WHY = MappingProxyType({
    "bound": "too many or too large of their kind", "configuration": "by include or exclude of the configuration",
    "io": "cannot be opened", "kind": "of no kind that is read", "link": "second names of other files",
    "not-followed": "links out of the folder, or repositories inside of it", "too-large": "larger than max-file-size",
})  # fmt: skip
"""What the codes of files that are left out mean."""


def render(files: Sequence[Listed], options: Options) -> str:
    """`kind  purpose  path`, or `-  code  path  why` for one that is left out; then the counts, of what is listed."""
    rows = [_row(one) for one in files]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    lines = [f" {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]
    return finish("\n".join([*lines, *_counts(files)]), options.ascii, options.in_actions)


def as_json(files: Sequence[Listed], options: Options) -> str:
    """One object for programs: `files`, each with `path`, `kind`, `purpose`, `code` and `why` (null where they do not
    apply)."""
    told = [
        {
            "path": without_surrogates(one.path),
            "kind": one.kind.value if one.purpose else None,
            "purpose": one.purpose.value if one.purpose else None,
            "code": one.code or None,
            "why": one.why or None,
        }
        for one in files
    ]
    return json.dumps({"schema": 1, "files": told}, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Listed], Options], str]] = MappingProxyType({"full": render, "json": as_json})


def _row(one: Listed) -> tuple[str, str, str]:
    if one.purpose:
        return one.kind.value, one.purpose.value, visible(one.path)
    path = visible(one.path)
    return "-", one.code, path if one.code == "kind" else f"{path}   {visible(one.why)}"


def _counts(files: Iterable[Listed]) -> list[str]:
    files = tuple(files)
    read = Counter(one.kind.value for one in files if one.purpose)
    left = Counter(one.code for one in files if not one.purpose)
    lines = [f" Read: {sum(read.values())}", *_table(read)] if read else []
    lines += [f" Left out: {sum(left.values())}", *_table(left)]
    return ["", *lines, " What git ignores, and folders of caches and environments, are not listed."]


def _table(numbers: Counter[str]) -> list[str]:
    ordered = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f"   {number:>6}  {name}{f' ({WHY[name]})' if name in WHY else ''}" for name, number in ordered]
