"""Data sets that commands fetch from a hub by their name: `kaggle datasets download -d owner/name`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.link.components import Components
from mldebt.link.running import Pipelines, filled, parts
from mldebt.link.values import Place
from mldebt.roles import Confidence, Role, Store

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
"""A name with its owner, and no version behind it: one that has it cannot change."""

_ASIDE = frozenset({"-p", "--path", "-f", "--file"})
"""Options behind which the place or the name of a file stands."""


@dataclass(frozen=True, slots=True)
class Download:
    """What a command fetches by its name alone, the words that do so, and where."""

    name: str
    program: str
    at: Place


def downloads(pipelines: Pipelines, programs: frozenset[str]) -> Iterator[Download]:
    """The downloads in the commands of all definitions. `programs` are the words that begin such a command, with the
    options behind which the name may stand."""
    known = {said: tuple(word for word in said.split() if not word.startswith("-")) for said in sorted(programs)}
    for definition in pipelines.definitions if known else ():
        for task in definition.tasks:
            given = {one.name: one.value for one in task.given if one.value is not None}
            for command in task.commands:
                for words in parts(filled(command.text, given)):
                    for said, program in known.items():
                        name = _named(words, program, frozenset(said.split()))
                        if name:
                            yield Download(name, " ".join(program), (definition.file, command.start, command.end))


def add_downloads(pipelines: Pipelines, programs: frozenset[str], builder: GraphBuilder, of: Components) -> None:
    """Adds a step for each download, and what it reads."""
    for one in downloads(pipelines, programs):
        span = pipelines.program.span(one.at)
        component, id = of.of(span.path), f"artifact:{Store.HUB.value}:{one.name}"
        if id not in builder:
            builder.add_node(Node(id, NodeKind.SOURCE, one.name, span, component, None, Store.HUB))
        step = Node(
            id=f"step:{span.path}:{span.cell}:{span.line}:{span.column}#{one.name}", kind=NodeKind.STEP,
            name=one.program, at=span, component=component, role=Role.READ, traits=frozenset({"can-pin"}),
        )  # fmt: skip
        builder.add_edge(Edge(id, builder.add_node(step), EdgeKind.READS, span, Confidence.CERTAIN))


def _named(words: tuple[str, ...], program: tuple[str, ...], options: frozenset[str]) -> str:
    """The name that a command gives; empty where it is another one, or says none or a version."""
    starts = (at for at in range(len(words)) if words[at : at + len(program)] == program)
    start = next(starts, None)
    given = () if start is None else words[start + len(program) :]
    for at, word in enumerate(given):
        option, _, value = word.partition("=")
        if option in options and word.startswith("-"):
            said = value or "".join(given[at + 1 : at + 2])
            return said if _NAME.fullmatch(said) else ""
        beside = at and given[at - 1] in _ASIDE
        if not (word.startswith("-") or beside) and _NAME.fullmatch(word):
            return word
    return ""
