"""Programs that stand inside a text of shell: in here-documents, and behind `-c` and `-e`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.declarations import Embedded

MOST = 100
FEWEST_LINES = 3
_WORDS = r"(?P<program>[\w./+-]+)(?P<rest>[^\n|;&<\"'`]{0,200}?)"
_DOCUMENT = re.compile(
    _WORDS + r"<<-?[ \t]*(?P<quote>[\"']?)(?P<end>[A-Za-z_]\w*)(?P=quote)(?P<behind>[^\n]*)\n"
)
_GIVEN = re.compile(r"(?P<program>[\w./+-]+)(?:[ \t]+-[\w=:-]+){0,4}?[ \t]+-(?:c|e|lc|ec)[ \t]+\$?(?P<quote>[\"'])")
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
_TO_FILE = re.compile(r">{1,2}[ \t]*[\"']?(?P<path>[\w./${}-]+)")
_ENDS = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*{quote}", re.DOTALL) for quote in "\"'"}


def embedded(text: str) -> tuple[Embedded, ...]:
    """The programs of a text, in order. One of fewer lines than FEWEST_LINES is a command."""
    found = [*(_documents(text) if "<<" in text else ()), *(_given(text) if " -" in text else ())]
    return tuple(sorted((one for one in found if one.lines >= FEWEST_LINES), key=lambda one: one.start))[:MOST]


def _documents(text: str) -> Iterator[Embedded]:
    for number, match in enumerate(_DOCUMENT.finditer(text)):
        if number >= MOST:
            return
        end = re.compile(rf"^[ \t]*{match['end']}[ \t]*$", re.MULTILINE).search(text, match.end())
        target = _TO_FILE.search(match["rest"]) or _TO_FILE.search(match["behind"])
        if end is not None:
            body = text[match.end() : end.start()]
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            file = target["path"] if target else ""
            yield Embedded(match["program"], file, _lines(body), start, end.start(), _imports(body))


def _given(text: str) -> Iterator[Embedded]:
    for number, match in enumerate(_GIVEN.finditer(text)):
        if number >= MOST:
            return
        body = _ENDS[match["quote"]].match(text, match.end())
        if body is not None:
            said = body.group()
            yield Embedded(match["program"], "", _lines(said), match.start(), body.end(), _imports(said))


def _imports(body: str) -> tuple[str, ...]:
    return tuple(sorted(set(_IMPORT.findall(body))))


def _lines(body: str) -> int:
    """How many lines say something."""
    return sum(1 for line in body.splitlines() if line.strip(" \t\"'") and not line.lstrip().startswith("#"))
