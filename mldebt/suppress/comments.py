"""Comments that excuse findings: `# mldebt: ignore[rule] reason`.

Behind code such a comment speaks of its line; on a line of its own of what follows it: a statement, a whole block,
function or class, a key with all that stands below it, a statement of SQL. `ignore-file[rule]` speaks of its file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import takewhile

from mldebt.declarations import Setting
from mldebt.facts import Branch, Comment, Define, Enter, FileFacts, Handler, Loop, Step, Try
from mldebt.findings import Finding
from mldebt.link.program import Program
from mldebt.source import Problem, SourceFile, Span

COMMENT = "comment"
CODE = "suppression"
_ADDRESS = re.compile(r"(?:^|[#;*-])\s*mldebt:\s*(?P<said>.*)", re.DOTALL)
_FORM = re.compile(r"ignore(?P<file>-file)?\[(?P<rules>[^\]]*)\](?P<reason>.*)", re.DOTALL)
_HOW = "write: mldebt: ignore[rule] reason"
_BLOCKS = (Branch, Loop, Enter, Handler, Try)


@dataclass(frozen=True, slots=True, order=True)
class Excuse:
    """One comment: the rules it names, and the lines it speaks of (within a cell of a notebook); line 0 is all of
    the file."""

    at: Span
    rules: tuple[str, ...]
    first: int
    last: int
    reason: str = ""

    def covers(self, at: Span) -> bool:
        """Whether it speaks of a place."""
        if at.path != self.at.path:
            return False
        return not self.first or (at.cell == self.at.cell and self.first <= at.line <= self.last)


def excuses(
    files: Sequence[tuple[SourceFile, FileFacts]], known: Collection[str]
) -> tuple[tuple[Excuse, ...], tuple[Problem, ...]]:
    """The excuses of all files, and the comments that are meant as one and are none. `known` are the rules."""
    speaking = [(source, facts) for source, facts in files if any(_said(one) for one in _comments(facts))]
    program = Program(speaking)
    found: list[Excuse] = []
    wrong: list[Problem] = []
    for number, (_, facts) in enumerate(speaking):
        for comment in _comments(facts):
            said = _said(comment)
            at = program.span((number, comment.start, comment.start + len(comment.text)))
            form = _FORM.match(said) if said else None
            rules = tuple(word for part in form["rules"].split(",") if (word := part.strip())) if form else ()
            if form and rules:
                wrong += _unknown(at, rules, known)
                first, last = (0, 0) if form["file"] else _lines(program, number, comment, at)
                found.append(Excuse(at, rules, first, last, form["reason"].strip(" \t\n*/")))
            elif said:
                text = "this comment names no rule, and excuses nothing" if form else "this comment is not understood"
                wrong.append(Problem(at, CODE, text, _HOW))
    return tuple(sorted(found)), tuple(sorted(wrong))


def excused(findings: Iterable[Finding], known: Sequence[Excuse]) -> tuple[tuple[Finding, ...], frozenset[Excuse]]:
    """The findings, those marked of which an excuse speaks at any of their places; and the excuses that were used."""
    by_path: dict[str, list[Excuse]] = {}
    for one in known:
        by_path.setdefault(one.at.path, []).append(one)
    used: set[Excuse] = set()
    found = []
    for finding in findings:
        near = ((one, at) for at in finding.places for one in by_path.get(at.path, ()))
        fitting = {one for one, at in near if finding.rule in one.rules and one.covers(at)}
        used |= fitting
        found.append(replace(finding, suppressed=True, suppressed_by=COMMENT) if fitting else finding)
    return tuple(found), frozenset(used)


def under(excuse: Excuse, name: str) -> Excuse:
    """An excuse of the repository `name` among others."""
    return replace(excuse, at=replace(excuse.at, path=f"{name}/{excuse.at.path}"))


def unused(known: Iterable[Excuse], used: Collection[Excuse], applied: Collection[str]) -> Iterator[Problem]:
    """What is to be said of excuses that hid nothing, as far as their rules were `applied`."""
    for one in known:
        if one not in used and set(one.rules) <= set(applied):
            text = f"nothing is found here that ignore[{', '.join(one.rules)}] would hide"
            yield Problem(one.at, CODE, text, "remove the comment")


def _comments(facts: FileFacts) -> tuple[Comment, ...]:
    return facts.comments if facts.units else facts.excuses


def _said(comment: Comment) -> str:
    """What a comment says to mldebt; empty where it speaks of something else."""
    match = _ADDRESS.search(comment.text) if "mldebt:" in comment.text else None
    return match["said"].strip() if match else ""


def _unknown(at: Span, rules: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    for rule in rules:
        if rule not in known:
            near = get_close_matches(rule, sorted(known), 1)
            yield Problem(at, CODE, f"there is no rule {rule!r}", f"write {near[0]}" if near else "see: mldebt rules")


def _lines(program: Program, file: int, comment: Comment, at: Span) -> tuple[int, int]:
    """The lines that a comment speaks of, from the first to the last."""
    if not comment.own:
        return at.line, at.line
    behind = (program.span((file, start, end)) for start, end in _pieces(program, file) if start > comment.start)
    spans = [span for span in behind if span.cell == at.cell]
    line = min((span.line for span in spans), default=at.line)
    return line, max((span.end_line for span in spans if span.line == line), default=line)


def _pieces(program: Program, file: int) -> Iterator[tuple[int, int]]:
    """Where the pieces that a comment can stand above begin and end: statements, blocks, definitions, keys, queries."""
    facts = program.facts[file]
    first = program.first[file]
    for number in range(len(facts.units)):
        steps = program.body(first + number)
        yield from ((step.start, _end(steps, index)) for index, step in enumerate(steps) if step.end > step.start)
        yield from (_definition(facts, steps, step) for step in steps if isinstance(step, Define))
    for number, key in enumerate(facts.settings):
        yield key.start, _below(facts.settings, number)
    yield from ((one.start, one.end) for one in facts.statements)
    yield from ((one.start, one.end) for one in facts.requirements)
    yield from ((one.start, one.end) for one in facts.tasks)


def _definition(facts: FileFacts, steps: Sequence[Step], step: Define) -> tuple[int, int]:
    """Where a function or class begins, with its decorators, and ends."""
    unit = facts.units[step.unit]
    return min([unit.start, *(steps[number].start for number in step.decorators)]), unit.end


def _below(settings: Sequence[Setting], number: int) -> int:
    """Where the last of the keys ends that stand below one."""
    key = settings[number].key
    return max(one.end for one in takewhile(lambda one: one.key[: len(key)] == key, settings[number:]))


def _end(steps: Sequence[Step], index: int) -> int:
    """Where a step ends, or the block that it heads."""
    step = steps[index]
    inside = steps[index + 1 : step.end_step] if isinstance(step, _BLOCKS) else ()
    return max([step.end, *(one.end for one in inside)])
