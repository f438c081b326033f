"""What files of SQL say that is no data flow: literals that are settings, and statements that are commented out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.declarations import Statement
from mldebt.graph.code import Literal, Note
from mldebt.link.components import Components
from mldebt.link.program import Program

_MACHINE = re.compile(r"^(?:/(?:home|Users|mnt|media|scratch|Volumes)/\w|[A-Za-z]:[\\/]\w|~/\w)")


def literals(program: Program, components: Components) -> tuple[Literal, ...]:
    """Dates in queries, and paths that hold on one machine."""
    found: list[Literal] = []
    for number, facts in enumerate(program.facts):
        source = program.sources[number]
        dated = [one for statement in facts.statements if _asks(statement) for one in statement.dates]
        name = "in a query" if len({value for value, _, _ in dated}) > 1 else "in a statement"
        paths = [
            (one.name, one.start, one.end)
            for statement in facts.statements
            for one in statement.relations
            if one.form in ("file", "quoted") and _MACHINE.match(one.name)
        ]
        said = [("date", name, *one) for one in dated] + [("path", "absolute", *one) for one in paths]
        found += [
            Literal(role, name, value, program.span((number, start, end)), "", "", source.purpose,
                    components.of(source.path))
            for role, name, value, start, end in said
        ]  # fmt: skip
    return tuple(found)


def notes(program: Program, components: Components) -> Iterator[Note]:
    """The statements that are commented out."""
    for number, facts in enumerate(program.facts):
        source = program.sources[number]
        texts = {comment.start: comment.text for comment in facts.comments} if facts.statements else {}
        for one in facts.statements:
            if one.kind == "comment":
                lines = [texts[start] for start in sorted(texts) if one.start <= start < one.end]
                at = program.span((number, one.start, one.end))
                yield Note(at, "\n".join(lines), True, True, "", source.purpose, components.of(source.path))


def _asks(statement: Statement) -> bool:
    """Whether a statement takes rows: what only defines a table or fills it with values has other dates."""
    return bool(statement.bounds or statement.gives)
