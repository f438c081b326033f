"""What install commands of pip and conda ask for: in container files and in the cells of notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from mldebt.declarations import Reference
from mldebt.extract.requirement import conda, is_address, is_template, located, standard
from mldebt.extract.requirement_lines import Asked
from mldebt.facts import Magic

_JOINED = re.compile(r"\\[ \t]*(?:\r\n|\r|\n)")
_COMMENT_LINE = re.compile(r"^[ \t]*#[^\r\n]*(?:\r\n|\r|\n|$)", re.MULTILINE)
_IMAGE = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)", re.IGNORECASE | re.MULTILINE)
_COMMAND = re.compile(
    r"(?<![\w.-])(?P<tool>pip[\d.]*|conda|mamba|micromamba)(?P<options>(?:[ \t]+--?[\w-]+(?:=\S+)?)*)[ \t]+"
    r"(?:env[ \t]+(?:update|create)|install|create)(?=[ \t]|$)", re.MULTILINE
)
_BEFORE = re.compile(r"^\s*(?:(?:sudo|uv|[\w/.-]*python[\d.]*[ \t]+-m)[ \t]+)*")
_LINE_END = re.compile(r"[\r\n]")
_WORD = re.compile(r"(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s\"'])+")
_STOP = re.compile(r"[;|&)`]")
_REDIRECTED = re.compile(r"\d?>.*")
_FILES = {"-r": "requirements", "--requirement": "requirements", "-c": "constraints", "--constraint": "constraints"}
_CONDA_FILES = {"--file": "requirements", "-f": "requirements"}
_ALONE = frozenset({
    "-q", "-qq", "-qqq", "-v", "-vv", "-y", "-U", "-I", "--quiet", "--yes", "--upgrade", "--user", "--pre", "--no-deps",
    "--no-cache-dir", "--no-cache", "--system", "--force-reinstall", "--ignore-installed", "--no-build-isolation",
    "--no-index", "--require-hashes", "--prefer-binary", "--verbose", "--root-user-action", "--all", "--update-all",
    "--break-system-packages", "--disable-pip-version-check", "--no-warn-script-location", "--compile", "--no-compile",
    "--no-input", "--no-color", "--isolated", "--freeze-installed", "--override-channels", "--offline", "--prune",
    "--strict-channel-priority", "--use-deprecated", "--no-clean", "--eager", "--progress-bar=off",
})  # fmt: skip


_NO_MORE = "--no-deps"
_EDITABLE = frozenset({"-e", "--editable"})
_FOLDER = re.compile(r"(?P<path>\.{1,2}(?:/[\w./-]*)?)(?:\[[\w,. -]*\])?")
_LOCKED = re.compile(r"(?<![\w.-])(?:uv|poetry|pdm|pipenv|pixi|rye)[ \t]+(?:sync|install|export|lock)(?=\s|$)")
"""What installs, or writes out, the versions of a lock file."""


class _Command(NamedTuple):
    """The tool, and the words behind it, which begin at `start`."""

    tool: str
    start: int
    rest: str


def read_container(text: str) -> Asked:
    """What the install commands of a container file ask for, and the images it is built from."""
    asked = Asked()
    plain = _JOINED.sub(blank, _COMMENT_LINE.sub(blank, text))
    for match in _IMAGE.finditer(plain):
        asked.references.append(Reference(match.group(1), "image", match.start(1), match.end(1)))
    for command in _commands(plain):
        _command(asked, command, command.start)
    if _LOCKED.search(plain) or any(one.kind == "constraints" for one in asked.references):
        asked.references = [one for one in asked.references if one.kind != "project"]
    return asked


def read_magics(magics: Sequence[Magic]) -> Asked:
    """What the install commands of a notebook's cells ask for, at the place of their cell's line."""
    asked = Asked()
    for magic in magics:
        text = f"{magic.name} {magic.text}" if magic.kind == "line" else magic.text
        if magic.kind not in ("line", "shell"):
            continue
        here = Asked()
        for command in _commands(_JOINED.sub(blank, _COMMENT_LINE.sub(blank, text))):
            _command(here, command, None, magic.start)
        asked.requirements += here.requirements
        asked.references += here.references
        asked.open = asked.open or here.open
    return asked


def packages_in(text: str) -> frozenset[str]:
    """The packages for which the install commands in a text ask that begin a line: others are said to people."""
    asked = Asked()
    plain = _JOINED.sub(blank, _COMMENT_LINE.sub(blank, text))
    for command in _commands(plain):
        line = plain.rfind("\n", 0, command.start) + 1
        if _COMMAND.match(_BEFORE.sub("", plain[line : command.start])):
            _command(asked, command, None)
    return frozenset(one.name for one in asked.requirements)


def _commands(text: str) -> Iterator[_Command]:
    """The install commands of a text; one ends where its line does, or where the next one begins."""
    matches = list(_COMMAND.finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        last = following.start() if following else len(text)
        end = _LINE_END.search(text, match.end(), last)
        rest = text[match.end() : end.start() if end else last]
        yield _Command(match["tool"], match.end(), rest)


def _command(asked: Asked, command: _Command, first: int | None, at: int = 0) -> None:
    """One command; its words stand behind `first`, or all at the place `at`."""
    is_conda = not command.tool.startswith("pip")
    files = _CONDA_FILES if is_conda else _FILES
    option, inside = "", first is not None and not is_conda
    alone = _NO_MORE in command.rest.split()
    for start, end, word in _words(command.rest):
        place = (at, at + 1) if first is None else (first + start, first + end)
        if option:
            if option in files:
                asked.references.append(Reference(word, files[option], *place))
            if inside and files.get(option, "") == "requirements":
                asked.references.append(Reference(word, "project", *place))
            elif inside and option in _EDITABLE:
                _project(asked, word, place, alone)
            option = ""
        elif word.startswith("-"):
            name, equals, value = word.partition("=")
            if equals and name in files:
                asked.references.append(Reference(value, files[name], *place))
            option = "" if equals or word in _ALONE else word
        elif not inside or not _project(asked, word, place, alone):
            _asked_for(asked, word, place, is_conda)


def _project(asked: Asked, word: str, place: tuple[int, int], alone: bool) -> bool:
    """Notes the folder of a project that a container installs, if a word is one; installed `alone`, it brings nothing
    of what it asks for."""
    found = _FOLDER.fullmatch(word)
    if found and not alone:
        asked.references.append(Reference(found["path"], "project", *place))
    return found is not None


def _asked_for(asked: Asked, word: str, place: tuple[int, int], is_conda: bool) -> None:
    """A word of a command; one that is no requirement is for the shell to know."""
    if is_template(word):
        asked.open = True
    elif is_address(word) and "@" not in word.partition("://")[0]:
        asked.add(located(word, *place), place[0])
    elif found := conda(word, *place) if is_conda else standard(word, *place):
        asked.add(found, place[0])


def _words(rest: str) -> Iterator[tuple[int, int, str]]:
    """The words of a command up to where the next one begins, without their quotes."""
    for match in _WORD.finditer(rest):
        word = match.group()
        stop = None if word[0] in "\"'" else _STOP.search(re.sub(r"\"[^\"]*\"|'[^']*'", blank, word))
        kept = word[: stop.start()] if stop else word
        plain = (kept if word[0] in "\"'" else _REDIRECTED.sub("", kept)).replace('"', "").replace("'", "")
        if plain and not plain.startswith("#"):
            yield match.start(), match.start() + len(plain), plain
        if stop or plain.startswith("#"):
            return


def blank(match: re.Match[str]) -> str:
    """As many spaces, also for the end of a line: a comment between the lines of a command is no part of it."""
    return " " * len(match.group())

