"""Comments that admit a debt, by their words: `rules/admissions.toml`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import tomli

from mldebt.facts import Comment, Const, FileFacts, Param
from mldebt.graph.code import Admission, Note
from mldebt.link.machine import Machine
from mldebt.source import Purpose

_START = r"(?:^|[.:;!?(\[\u2013\u2014-]\s*)"
_END = r"(?![\w-])"  # `hardcoded-config` is another word
_SENTENCE = re.compile(r"[.!?]$")
_PRAGMA = re.compile(r"\s+#\s*(?:noqa|type:|pylint|fmt:|pragma|nosec)", re.IGNORECASE)
_LONGEST, _DECORATORS = 120, 3
_ADDRESSED = re.compile(r"^#\s*mldebt:")


@dataclass(frozen=True, slots=True)
class _Words:
    """How debts are admitted for sure, how as what is still to be done, and how perhaps, and what is none. The words
    are the only group that matches, or all that does. No text admits anything that holds none of `needed`, in small
    letters: few do."""

    marks: re.Pattern[str]
    wishes: re.Pattern[str]
    surely: re.Pattern[str]
    perhaps: re.Pattern[str]
    aside: re.Pattern[str]
    needed: tuple[str, ...]

    def may_be_in(self, plain: str) -> bool:
        """Whether a text, in small letters and without commas, may admit something."""
        for word in self.needed:  # noqa: SIM110  a generator would cost more than the loop
            if word in plain:
                return True
        return False


def admissions(machine: Machine, notes: Iterable[Note]) -> tuple[Admission, ...]:
    """The comments of production code that admit a debt, at the line that does, by place. `notes` are blocks of
    comments: what is said in code that is commented out is said of nothing."""
    out = {(note.at.path, note.at.cell, line) for note in notes if note.code and note.comment for line in _lines(note)}
    found: list[Admission] = []
    for file, facts in enumerate(machine.program.facts):
        if facts.units and machine.program.sources[file].purpose is Purpose.PRODUCTION:
            found += _of_file(machine, file, facts)
            found += _of_docstrings(machine, file, facts)
    return tuple(one for one in found if (one.at.path, one.at.cell, one.at.line) not in out)


def _of_file(machine: Machine, file: int, facts: FileFacts) -> Iterator[Admission]:
    said = " and ".join([_spaced(one.text.lstrip("#")) for one in facts.comments])
    if not _words().may_be_in(said.lower().replace(",", "")):
        return  # as in most files
    above, begins, named = -1, _beginnings(machine, file, facts), lru_cache(lambda: _named(machine, file))
    for number, comment in enumerate(facts.comments):
        line = bisect_right(facts.lines, comment.start)
        said, sure = _admitted(comment.text, goes_on=comment.own and above == line - 1)
        above = line if comment.own else -1
        if said and said.lower() not in named():
            at = machine.program.span((file, comment.start, comment.start + len(comment.text)))
            below = _going_on(facts, number) if comment.own else []
            text = _whole(comment, below)
            ahead = begins.get(line + len(below) + 1, 0) if comment.own else 0
            yield Admission(at, said, sure, text, ahead=machine.program.span((file, ahead, ahead)).line if ahead else 0)


def _named(machine: Machine, file: int) -> frozenset[str]:
    """The names that the code of a file asks for: a comment that says one of them may speak of that thing, as one on a
    placeholder of a graph does."""
    program = machine.program
    return frozenset().union(*map(program.names_asked, program.units_of(file)))


def _going_on(facts: FileFacts, number: int) -> list[Comment]:
    """The comments on the lines right below one."""
    found: list[Comment] = []
    line = bisect_right(facts.lines, facts.comments[number].start)
    for comment in facts.comments[number + 1 :]:
        line += 1
        if not comment.own or bisect_right(facts.lines, comment.start) != line:
            break
        found.append(comment)
    return found


def _whole(comment: Comment, below: Iterable[Comment]) -> str:
    """What a comment says to the end of its sentence, over several lines."""
    text = _PRAGMA.split(comment.text.strip("# "))[0]
    return _to_the_end(text, (other.text.strip("# ") for other in below))


def _to_the_end(text: str, below: Iterable[str]) -> str:
    """A line with those that go on with its sentence."""
    for more in below:
        ends = not more[:1].islower() or bool(_SENTENCE.search(text)) or len(text) > _LONGEST
        if ends or _admitted(more, goes_on=False)[0]:
            break
        text = f"{text} {more}"
    return text


def _beginnings(machine: Machine, file: int, facts: FileFacts) -> dict[int, int]:
    """Where functions begin, by the number of the line, and by the few before it in which decorators stand."""
    first, found = machine.program.first[file], {}
    for unit in range(first, first + len(facts.units)):
        info = machine.info(unit)
        line = bisect_right(facts.lines, info.start)
        if info.kind == "function":
            found[line] = info.start
            found |= {line - above: info.start for above in range(1, _DECORATORS + 1) if "decorated" in info.flags}
    return found


def _of_docstrings(machine: Machine, file: int, facts: FileFacts) -> Iterator[Admission]:
    """What the first text of a module, class or function admits, line by line."""
    first, bare = machine.program.first[file], machine.noted.bare
    for unit in range(first, first + len(facts.units)):
        text = next((step for step in machine.program.body(unit) if not isinstance(step, Param)), None)
        if isinstance(text, Const) and isinstance(text.value, str) and (file, text.start, text.end) in bare:
            if not _words().may_be_in(_spaced(text.value).lower().replace(",", "")):
                continue
            top = bisect_right(facts.lines, text.start) - 1
            lines = text.value.split("\n")
            for number, line in enumerate(lines):
                said, sure = _admitted(line, goes_on=number > 0)
                if said and (sure or said.isupper()) and top + number < len(facts.lines):
                    start = max(text.start, facts.lines[top + number])
                    at = machine.program.span((file, start, start + len(line)))
                    whole = _to_the_end(line.strip(), map(str.strip, lines[number + 1 :]))
                    yield Admission(at, said, sure, whole, unit == first)


def _lines(note: Note) -> Iterable[int]:
    return range(note.at.line, note.at.end_line + 1)


def _admitted(comment: str, *, goes_on: bool) -> tuple[str, bool]:
    """The words by which a comment admits a debt, and whether they say nothing else; none where it does not. One that
    goes on from the line above, and begins in small letters, begins no sentence."""
    if _ADDRESSED.match(comment):
        return "", False
    words, text = _words(), _spaced(comment.lstrip("#"))
    plain = ("and " if goes_on and text[:1].islower() else "") + text.lower().replace(",", "")
    if not words.may_be_in(plain) or words.aside.search(plain):
        return "", False
    wish = words.wishes.search(text)
    for found in (words.marks.search(text), words.surely.search(plain)):
        if found is not None:
            return wish["said"] if wish is not None else found[found.lastgroup or 0], True
    perhaps = words.perhaps.search(plain)
    if wish is not None:
        return wish["said"], perhaps is not None
    return (perhaps[0], False) if perhaps is not None else ("", False)


def _spaced(text: str) -> str:
    """A text with one space between words, and plain apostrophes."""
    return " ".join(text.replace("\u2019", "'").split())


@cache
def _words() -> _Words:
    said = tomli.loads(files("mldebt.rules").joinpath("admissions.toml").read_text("utf-8"))
    needed = {word.lower() for part in ("marks", "wishes", "begins", "anywhere", "perhaps") for word in said[part]}
    begins, anywhere = _one_of(said["begins"]), _one_of(said["anywhere"])
    return _Words(
        marks=re.compile(rf"{_START}(?P<said>{_one_of(said['marks'])}){_END}"),
        wishes=re.compile(rf"{_START}(?P<said>{_one_of(said['wishes'])}){_END}"),
        surely=re.compile(rf"(?:{_START}(?P<said>{begins})|\b(?P<within>{anywhere})){_END}"),
        perhaps=re.compile(rf"\b{_one_of(said['perhaps'])}{_END}"),
        aside=re.compile(rf"\b{_one_of(said['aside'])}{_END}"),
        needed=tuple(sorted(word for word in needed if not any(other in word for other in needed - {word}))),
    )


def _one_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"
