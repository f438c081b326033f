"""A comment in ML code that admits a debt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.code import Admission, Definition
from mldebt.graph.handovers import function_around
from mldebt.graph.questions import BRINGS_IN, is_ours
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import Stop

_NEAR = 12
"""Lines behind a comment within which code is what it speaks of."""
_SHOWN, _LONG = 8, 20
_FEWEST_WORDS = 3
_TOLD, _CUT = 3, 90
"""So many comments a message tells, and of each so many letters."""
_Told = tuple[Admission, str]
_OF_MODELS = frozenset({NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.TRANSFORM})
_ABOUT_MODELS = frozenset({Role.EVALUATE, Role.SEARCH, Role.TRACK, Role.MONITOR})
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
    Role.EVALUATE: "scores a model",
    Role.SEARCH: "looks for the best model",
    Role.DECIDE: "decides by a score",
    Role.CHOOSE: "chooses by a score",
    Role.MONITOR: "watches a model",
    Role.TRACK: "records a run",
    Role.PERSIST: "stores a model",
    Role.LOAD: "loads a model",
}
_MOVES = frozenset(
    _BY_ROLE[role] for role in (Role.READ, Role.WRITE, Role.COMBINE, Role.DERIVE, Role.MONITOR, Role.TRACK)
)


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    """What is done in a line; `known` where a model has to do with it."""

    cell: int
    line: int
    does: str
    known: bool


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function, or stretch of a script, whose comments admit debts, at the first of them, with the
    copies of it; a hint in a notebook, where its words may mean something else, and where no model is known to learn or
    be asked of what the code does."""
    steps = _steps(graph)
    groups: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for one in sorted(graph.scrutiny.admissions, key=lambda one: (not one.sure, one.at)):
        around = _around(graph, one)
        beside = steps[one.at.path, "*" if one.whole else around.id if around else ""]
        does = _speaks_of(one, beside, bool(around))
        if does:
            known = any(step.known for step in (beside if around or one.whole else _near(one, beside)))
            admitted = one if known else replace(one, sure=False)
            groups[one.at.path, around.id if around else f"{one.at.cell}:{does}"].append((admitted, does))
    copies: dict[str, list[_Told]] = defaultdict(list)
    for told in groups.values():
        copies[told[0][0].text if len(told[0][0].text) > _LONG else str(told[0][0].at)] += told
    yield from (_hit(graph, told) for told in copies.values())


def _hit(graph: Graph, told: list[_Told]) -> Hit:
    (first, does), others = told[0], told[1:]
    words = list(dict.fromkeys(_shortened(one) for one, _ in told if one.sure is first.sure))
    more = f" and {len(words) - _TOLD} more" if len(words) > _TOLD else ""
    around = _around(graph, first)
    sure = first.sure and any(_counts(one, what) and _says_what(one) for one, what in told)
    return Hit(
        at=first.at,
        details={"what": does, "value": ", ".join(f'"{word}"' for word in words[:_TOLD]) + more},
        keys=(first.said, does),
        symbol=around.name if around else "",
        variant="several" if len(words) > 1 else "",
        confidence=Confidence.LIKELY if sure and not first.at.cell else Confidence.HINT,
        related=tuple(Stop(one.at, f'"{_shortened(one)}", in code that {what}') for one, what in others)[:_SHOWN],
    )


def _around(graph: Graph, admission: Admission) -> Definition | None:
    """The function that a comment stands in, or right in front of."""
    at = admission.at
    place = Span(at.path, admission.ahead, 1, admission.ahead, 1, at.cell) if admission.ahead else at
    return function_around(graph, place)


def _counts(admission: Admission, does: str) -> bool:
    """Whether it begins with a mark, such as FIXME, by which people look for what is to be mended, or stands where
    models and their features are worked on: of how data are moved and made, "for now" tells as often of a choice."""
    return admission.said.isupper() or does not in _MOVES


def _says_what(admission: Admission) -> bool:
    """Whether there is more than a mark: of a lone TODO nobody knows what it is about, and with a word or two it may be
    the title of what is done below."""
    fewest = _FEWEST_WORDS if admission.said.isupper() else 1
    return len(re.findall(r"\w+", admission.text)) > fewest


def _shortened(admission: Admission) -> str:
    """The sentence with its words of admission, from these on where it is long and they stand late."""
    text = " ".join(admission.text.replace('"', "'").split())
    begin = text.rfind(". ", 0, max(0, text.lower().find(admission.said.lower())))
    text = text[begin + 2 :] if begin >= 0 else text
    start = text.lower().find(admission.said.lower())
    if len(text) > _CUT and start > _CUT // 2:
        text = f"\u2026{text[start:]}"
    return text if len(text) <= _CUT else f"{text[: _CUT - 1].rstrip()}\u2026"


def _steps(graph: Graph) -> defaultdict[tuple[str, str], list[_Step]]:
    """The steps of ML work in files that admit anything, by their file and function, and by `*` for all of a file."""
    found: defaultdict[tuple[str, str], list[_Step]] = defaultdict(list)
    paths = {one.at.path for one in graph.scrutiny.admissions}
    around_models = _around_models(graph) if paths else frozenset()
    for node in graph.nodes():
        does = _does(graph, node) if node.at.path in paths and is_ours(node) else ""
        if does:
            around = function_around(graph, node.at)
            known = node.id in around_models or node.function in around_models
            step = _Step(node.at.cell, node.at.line, does, known)
            for place in ("*", around.id if around else ""):
                found[node.at.path, place].append(step)
    return found


def _around_models(graph: Graph) -> frozenset[str]:
    """What models learn of and are asked of, what is made of their answers, and the functions that code of models
    calls: rows of a table that nothing of this is done with are those of any program."""
    models = [node for node in graph.nodes() if node.kind in _OF_MODELS or node.role in _ABOUT_MODELS]
    ids = [node.id for node in models]
    asking = {node.function for node in models} - {""}
    called = {one.id for function in asking for one in graph.downstream(function, EdgeKind.CALLS)}
    return graph.made_of(ids) | {node.id for node in graph.reached(ids)} | called


def _does(graph: Graph, node: Node) -> str:
    if node.role is Role.DECIDE and not any(_is_score(one) for one in graph.upstream(node.id)):
        return ""  # by how many rows there are, or what they hold
    if node.role is Role.READ and not graph.downstream(node.id, hops=1):
        return ""  # what nothing else is known of may be any file
    if node.role is Role.WRITE and BRINGS_IN.isdisjoint(one.role for one in graph.upstream(node.id) if one.role):
        return ""
    said = _BY_ROLE.get(node.role, "") if node.role else ""
    return said or _BY_KIND.get(node.kind, "")


def _is_score(node: Node) -> bool:
    return node.kind is NodeKind.PREDICTION or node.role is Role.EVALUATE


def _speaks_of(admission: Admission, steps: list[_Step], inside: bool) -> str:
    """What the code does that a comment stands in: what follows it first, else whatever the function does."""
    near = _near(admission, steps)
    if near or not (inside or admission.whole):
        return near[0].does if near else ""
    return min(((abs(step.line - admission.at.line), step.does) for step in steps), default=(0, ""))[1]


def _near(admission: Admission, steps: list[_Step]) -> list[_Step]:
    at = admission.at
    return sorted(step for step in steps if step.cell == at.cell and 0 <= step.line - at.line <= _NEAR)
