"""A comment in ML code that admits a debt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.findings import Hit
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.code import Admission, Definition
from mldebt.graph.handovers import function_around
from mldebt.graph.questions import BRINGS_IN, is_ours
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import Stop

_NEAR = 12
"""Lines behind a comment within which code is what it speaks of."""
_SHOWN, _LONG = 8, 20
_TOLD, _CUT = 3, 90
"""So many comments a message tells, and of each so many letters."""
_Told = tuple[Admission, str]
_BY_KIND: Mapping[NodeKind, str] = {
    NodeKind.FEATURE: "makes features",
    NodeKind.TRANSFORM: "prepares data",
    NodeKind.PREDICTION: "predicts",
    NodeKind.MODEL: "makes or loads a model",
}
_BY_ROLE: Mapping[Role, str] = {
    Role.READ: "reads data",
    Role.WRITE: "stores data",
    Role.SPLIT: "parts rows for training and test",
    Role.RESAMPLE: "samples rows",
    Role.COMBINE: "joins data",
    Role.DERIVE: "makes data",
    Role.VALIDATE: "checks data",
    Role.SELECT: "picks columns",
    Role.EVALUATE: "scores a model",
    Role.SEARCH: "looks for the best model",
    Role.DECIDE: "decides by a score",
    Role.CHOOSE: "chooses by a score",
    Role.MONITOR: "watches a model",
    Role.TRACK: "records a run",
    Role.PERSIST: "stores a model",
    Role.LOAD: "loads a model",
}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function, or stretch of a script, whose comments admit debts, at the first of them, with the
    copies of it; a hint where its words may mean something else."""
    steps = _steps(graph)
    groups: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for one in sorted(graph.code.admissions, key=lambda one: (not one.sure, one.at)):
        around = _around(graph, one)
        does = _speaks_of(one, steps[one.at.path, "*" if one.whole else around.id if around else ""], bool(around))
        if does:
            groups[one.at.path, around.id if around else f"{one.at.cell}:{does}"].append((one, does))
    copies: dict[str, list[_Told]] = defaultdict(list)
    for told in groups.values():
        copies[told[0][0].text if len(told[0][0].text) > _LONG else str(told[0][0].at)] += told
    yield from (_hit(graph, told) for told in copies.values())


def _hit(graph: Graph, told: list[_Told]) -> Hit:
    (first, does), others = told[0], told[1:]
    words = list(dict.fromkeys(_shortened(one) for one, _ in told if one.sure is first.sure))
    more = f" and {len(words) - _TOLD} more" if len(words) > _TOLD else ""
    around = _around(graph, first)
    return Hit(
        at=first.at,
        details={"what": does, "value": ", ".join(f'"{word}"' for word in words[:_TOLD]) + more},
        keys=(first.said, does),
        symbol=around.name if around else "",
        variant="several" if len(words) > 1 else "",
        confidence=Confidence.LIKELY if first.sure and any(_says_what(one) for one, _ in told) else Confidence.HINT,
        related=tuple(Stop(one.at, f'"{_shortened(one)}", in code that {what}') for one, what in others)[:_SHOWN],
    )


def _around(graph: Graph, admission: Admission) -> Definition | None:
    """The function that a comment stands in, or right in front of."""
    at = admission.at
    place = Span(at.path, admission.ahead, 1, admission.ahead, 1, at.cell) if admission.ahead else at
    return function_around(graph, place)


def _says_what(admission: Admission) -> bool:
    """Whether there is more than a mark: of a lone TODO nobody knows what it is about."""
    return len(re.findall(r"\w+", admission.text)) > 1


def _shortened(admission: Admission) -> str:
    """What a comment says, from its words of admission on where it is long and they stand late."""
    text = " ".join(admission.text.replace('"', "'").split())
    start = text.lower().find(admission.said.lower())
    if len(text) > _CUT and start > _CUT // 2:
        text = f"\u2026{text[start:]}"
    return text if len(text) <= _CUT else f"{text[: _CUT - 1].rstrip()}\u2026"


def _steps(graph: Graph) -> defaultdict[tuple[str, str], list[tuple[int, int, str]]]:
    """The cell, the line and the words for each step of ML work, by its file and function, and by `*` for all of it."""
    found: defaultdict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for node in graph.nodes():
        does = _does(graph, node) if is_ours(node) else ""
        if does:
            around = function_around(graph, node.at)
            for place in ("*", around.id if around else ""):
                found[node.at.path, place].append((node.at.cell, node.at.line, does))
    return found


def _does(graph: Graph, node: Node) -> str:
    if node.role is Role.DECIDE and not any(_is_score(one) for one in graph.upstream(node.id)):
        return ""  # by how many rows there are, or what they hold
    if node.role is Role.READ and not graph.downstream(node.id):
        return ""  # what nothing else is known of may be any file
    if node.role is Role.WRITE and BRINGS_IN.isdisjoint(one.role for one in graph.upstream(node.id) if one.role):
        return ""
    said = _BY_ROLE.get(node.role, "") if node.role else ""
    return said or _BY_KIND.get(node.kind, "")


def _is_score(node: Node) -> bool:
    return node.kind is NodeKind.PREDICTION or node.role is Role.EVALUATE


def _speaks_of(admission: Admission, steps: list[tuple[int, int, str]], inside: bool) -> str:
    """What the code does that a comment stands in: what follows it first, else whatever the function does."""
    at = admission.at
    here = sorted((line, does) for cell, line, does in steps if cell == at.cell and line >= at.line)
    near = [does for line, does in here if line - at.line <= _NEAR]
    if near or not (inside or admission.whole):
        return next(iter(near), "")
    return min(((abs(line - at.line), does) for _, line, does in steps), default=(0, ""))[1]
