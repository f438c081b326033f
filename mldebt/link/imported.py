"""The libraries that files import, and what asks for them: a requirement, a command, a container's image."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mldebt.extract.install_lines import packages_in
from mldebt.facts import Try
from mldebt.graph.environment import Environment, Imported
from mldebt.link.components import Components
from mldebt.link.machine import Machine
from mldebt.link.values import Text, literal
from mldebt.packages import Packages, normal
from mldebt.source import Kind, folders_above

_ASKED = re.compile(r"([A-Za-z][\w.-]*)(?:\[[\w,-]*\])?[=~<>!]=\d[\w.*]*$")
_LONGEST = 100
_INSTALL, _WORD = " install ", "install"
_TELLING = frozenset({"pipeline", "ci", "shell"})


def imports(
    machine: Machine,
    components: Components,
    packages: Packages,
    found: Iterable[Environment],
    told: Mapping[str, frozenset[str]],
) -> tuple[Imported, ...]:
    """The libraries that files import, each at its first place in a file. `told` are the words of files
    that may install packages and are not read for that."""
    told = {**told, **_asked_in_texts(machine)}
    know = _Known(machine, components, packages, _asked(found), told, _images(machine, packages.images))
    own = _own_names(machine)
    # What this repository calls so, too, may be found by a path that is not followed.
    result = [know.imported(file, root) for file, root in machine.noted.libraries if root not in own]
    return tuple(sorted(result, key=lambda one: (one.at, one.root)))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of what is installed: `asked` and `told` by packages, `images` by folders."""

    machine: Machine
    components: Components
    packages: Packages
    asked: Mapping[str, str]
    told: Mapping[str, frozenset[str]]
    images: Mapping[str, str]

    def imported(self, file: int, root: str) -> Imported:
        """A library, at its first import in a file."""
        source, places = self.machine.program.sources[file], self.machine.noted.libraries[file, root]
        names, ml = self.packages.names_of(root), root in self.packages.ml
        brought = (name for name in sorted(self.asked) if root in self.packages.brings.get(name, ()))
        return Imported(
            root=root,
            name=self.packages.shown.get(root, root),
            at=self.machine.program.span((file, *min(places)[1:])),
            purpose=source.purpose,
            component=self.components.of(source.path),
            ml=ml,
            declared_in=next((self.asked[name] for name in names if name in self.asked), ""),
            told_in=_told(names, self.told) or _image_over(source.path, self.images),
            brought_by=next(brought, "") if ml else "",
            optional=ml and (root in self.packages.hosted or all(_is_tried(self.machine, *place) for place in places)),
        )


def installing_words(mentions: Mapping[str, frozenset[str]], kinds: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The words of the files that may install packages and that no reader reads for it, in lower case."""
    chosen = {path: words for path, words in mentions.items() if kinds.get(path, "") in _TELLING}
    return {path: frozenset(normal(word) for word in words) for path, words in sorted(chosen.items())}


def unfound(machine: Machine, known: Collection[str]) -> dict[str, set[int]]:
    """The files that import a module from where nobody knows, by its name: it may be put beside them, and then run."""
    found: dict[str, set[int]] = defaultdict(set)
    for file, root in machine.noted.libraries:
        if root not in known:
            found[root].add(file)
    return found


def _asked(found: Iterable[Environment]) -> dict[str, str]:
    asked: dict[str, str] = {}
    for one in found:
        for dependency in one.dependencies:
            asked.setdefault(normal(dependency.name), one.path)
    return asked


def _asked_in_texts(machine: Machine) -> dict[str, frozenset[str]]:
    """The packages that texts of code ask for in a version, or install by a command, and those that commands in
    settings install, by file: what runs a part of a pipeline elsewhere is given them."""
    found: dict[str, set[str]] = defaultdict(set)
    said_only = machine.noted.shown.union(machine.noted.bare)
    for text in machine.pool.texts():
        path = machine.program.sources[text.places[0][0]].path if text.places else ""
        said = literal(text)
        if said and len(said) < _LONGEST and path and "=" in said and (match := _ASKED.match(said)):
            found[path].add(normal(match[1]))
        elif path and _may_install(text) and said_only.isdisjoint(text.places):
            found[path] |= _installed("".join(part if isinstance(part, str) else " " for part in text.parts))
    for source, facts in zip(machine.program.sources, machine.program.facts, strict=True):
        for one in facts.settings:
            found[source.path] |= _installed(one.value or "")
    return {path: frozenset(words) for path, words in sorted(found.items()) if words}


def _may_install(text: Text) -> bool:
    for part in text.parts:  # noqa: SIM110  a generator would cost more than the loop
        if isinstance(part, str) and _WORD in part:
            return True
    return False


def _installed(text: str) -> set[str]:
    return set(map(normal, packages_in(text))) if _INSTALL in text else set()


def _told(names: Iterable[str], told: Mapping[str, frozenset[str]]) -> str:
    wanted = frozenset(names)
    return next((path for path, words in told.items() if wanted & words), "")


def _own_names(machine: Machine) -> frozenset[str]:
    """The names of the folders and modules of this repository that can be imported."""
    paths = [source.path for source in machine.program.sources if source.kind is Kind.PYTHON]
    parts = {part for path in paths for part in path.rpartition(".")[0].split("/")}
    return frozenset(parts)


def _images(machine: Machine, plain: frozenset[str]) -> dict[str, str]:
    """Images that may hold packages, by the folder of the file that builds on them. A bare word is a stage."""
    found: dict[str, str] = {}
    for source, facts in zip(machine.program.sources, machine.program.facts, strict=True):
        for one in facts.references:
            if one.kind == "image" and ("/" in one.path or ":" in one.path) and not _is_plain(one.path, plain):
                found.setdefault(posixpath.dirname(source.path), one.path)
    return found


def _is_plain(image: str, plain: frozenset[str]) -> bool:
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    return "$" in image or name.lower() in plain


def _image_over(path: str, images: Mapping[str, str]) -> str:
    return next((images[folder] for folder in (*folders_above(path), "") if folder in images), "")


def _is_tried(machine: Machine, unit: int, start: int, end: int) -> bool:
    """Whether an import stands in a `try`, so that code goes on without it, or where another one failed."""
    body = machine.program.body(unit)
    number = next((index for index, step in enumerate(body) if (step.start, step.end) == (start, end)), -1)
    return any(isinstance(step, Try) and at < number < step.end_step for at, step in enumerate(body))
