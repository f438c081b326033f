"""The lines of a requirements or constraints file of pip: requirements, options, other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldebt.declarations import Reference, Requirement
from mldebt.extract.requirement import conda, is_address, is_template, located, standard
from mldebt.facts import Trouble

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_FILE = re.compile(r"(?P<option>-r|--requirements?|-c|--constraints?)(?:\s*=\s*|\s*)(?P<path>\S.*)")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+)(?P<address>\S+)")
_HASH = re.compile(r"\s--hash[=\s]\S+")
_PER_LINE = re.compile(r"\s--(?:global-option|install-option|config-settings?|no-binary|only-binary)[=\s].*")
_EXPORTED = re.compile(r"[\w.-]+=[\w.!+]+(?:=\S+)?")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_PROSE = "most lines of the file are no requirements"
_CURE = "write it as NAME==VERSION, or remove the line"


@dataclass(slots=True)
class Asked:
    """What has been found so far of what a file asks for."""

    requirements: list[Requirement] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    open: bool = False

    def add(self, found: Requirement | None, start: int) -> None:
        """Keeps a requirement, or the trouble that a line was none."""
        if found is None:
            self.troubles.append(Trouble(start, "line-syntax", "a line that is no requirement", _CURE))
        elif found.name:
            self.requirements.append(found)


def read_lines(text: str, group: str = "") -> Asked:
    """All that the lines of a requirements file say. A line that is no requirement is a trouble; when most
    are none, the file is another text, and that is one trouble."""
    asked = Asked()
    for start, line in _logical(text):
        read_line(asked, line, start, group)
    if len(asked.troubles) > len(asked.requirements) + len(asked.references):
        asked.troubles = [Trouble(asked.troubles[0].start, "line-syntax", _PROSE, _CURE)]
        asked.open = True
    return asked


def read_line(asked: Asked, line: str, start: int, group: str = "") -> None:
    """One line, without comment, which begins at `start`."""
    end = start + len(line.rstrip())
    if line.startswith("-"):
        _option(asked, line, start, end, group)
        return
    hashed = _HASH.search(line) is not None
    bare = _PER_LINE.sub("", _HASH.sub("", line)).strip()
    shown = start + len(bare)
    if is_template(bare):
        asked.open = True
    elif is_address(bare) and "@ " not in bare:
        asked.add(located(bare, start, shown, group), start)
    elif _EXPORTED.fullmatch(bare):
        asked.add(conda(bare, start, shown, group), start)
    else:
        _asked_for(asked, bare, start, group, hashed)


def _asked_for(asked: Asked, bare: str, start: int, group: str, hashed: bool) -> None:
    """A requirement; one with options that pip knows only on a line of their own is read without them."""
    found = standard(bare, start, start + len(bare), group, hashed)
    asked.add(found, start)
    name, option, _ = bare.partition(" --")
    shortened = standard(name, start, start + len(name), group, hashed) if found is None and option else None
    if shortened is not None:
        asked.add(shortened, start)


def _option(asked: Asked, line: str, start: int, end: int, group: str) -> None:
    file, editable = _FILE.fullmatch(line.strip()), _EDITABLE.match(line)
    if file:
        kind = "constraints" if file["option"].lstrip("-").startswith("c") else "requirements"
        asked.references.append(Reference(file["path"].strip("\"' "), kind, start, end))
    elif editable:
        asked.add(located(editable["address"], start, end, group), start)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the ones that a backslash joins to it, without comments, and where it begins."""
    parts: list[str] = []
    first = position = 0
    for match in _LINE.finditer(text):
        line, raw = _COMMENT.sub("", match.group().rstrip("\r\n")), match.group()
        if not parts:
            first = position + len(line) - len(line.lstrip(" \t\ufeff"))
        position += len(raw)
        goes_on = line.endswith("\\")
        parts.append(line.removesuffix("\\"))
        if goes_on and position < len(text):
            continue
        whole = " ".join(parts).strip(" \t\ufeff\f")
        parts = []
        if whole:
            yield first, whole
