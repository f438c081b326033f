"""One feature is computed by several pieces of code, above all for training and for serving."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from mldebt import forms
from mldebt.findings import Hit, Severity
from mldebt.graph import Graph, Node
from mldebt.graph.preparing import Skew, skews
from mldebt.graph.recomputed import Computed, Pair, Repeat, Way, repeats
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_NAMED = 4
_BEFORE = 12
_LONGEST = 70
_SOME, _MUCH, _ENOUGH = 3, 4, 6


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the features that two places have in common."""
    for repeat in repeats(graph):
        if _is_worth_it(repeat):
            yield _hit(repeat)
    for part in graph.parts():
        yield from (_skewed(part, skew) for skew in skews(part))


def _is_worth_it(repeat: Repeat) -> bool:
    """Inside of one role a trivial expression may stand twice; for training and for serving it may not differ."""
    weights = [forms.weight(pair.compared.first) for pair in repeat.pairs]
    if any(pair.apart for pair in repeat.pairs):
        return sum(weights) >= _SOME or any(pair.way is not Way.SAME for pair in repeat.pairs)
    return max(weights) >= _MUCH and sum(weights) >= _ENOUGH


def _hit(repeat: Repeat) -> Hit:
    shown = min(repeat.pairs, key=lambda pair: (not pair.apart, pair.way is Way.SAME, pair.one.node.at))
    others = [one for pair in repeat.pairs for one in (pair.one, pair.other)]
    stops = [Stop(one.node.at, _label(one)) for one in (*_sorted(others), *repeat.others)]
    at = shown.one.node.at
    differs = shown.way is not Way.SAME
    value, what = _difference(shown)
    more = f", as do {len(repeat.others)} more places" if len(repeat.others) > 1 else ""
    return Hit(
        at=at,
        details={
            "feature": _names(repeat.pairs),
            "producer": _place(shown.one, shown.other, {pair.one.home for pair in repeat.pairs}),
            "consumer": _place(shown.other, shown.one, {pair.other.home for pair in repeat.pairs}),
            "value": f"{shown.one.node.name} {value}", "what": what, "count": more,
        },
        keys=tuple(sorted({pair.one.node.name for pair in repeat.pairs})),
        confidence=Confidence.LIKELY if shown.apart or "sql" in shown.one.node.traits else Confidence.HINT,
        symbol=shown.one.node.symbol,
        trail=(Stop(at, _label(shown.one)), Stop(shown.other.node.at, _label(shown.other))),
        related=tuple(dict.fromkeys(stop for stop in stops if stop.at != at))[:MAX_STOPS],
        severity=Severity.ERROR if differs and shown.apart else Severity.WARNING,
        variant="values" if shown.way is Way.VALUES else "differs" if differs else "",
    )  # fmt: skip


def _skewed(graph: Graph, skew: Skew) -> Hit:
    """Images that a model is asked about are made ready in another way than those it learns from."""
    step, other = skew.part, skew.other
    ends = {"producer": _file(skew.asked, skew.learnt), "consumer": _file(skew.learnt, skew.asked)}
    numbers = {one.feature: forms.shown(one.form) for one in graph.code.formulas}
    value, what = _apart(*(numbers.get(node.id, "") for node in (step, other))) if other is not None else ("", "")
    return Hit(
        at=skew.asked.at,
        details={**ends, "feature": step.name.rpartition(".")[2], "value": value, "what": what},
        keys=("images", step.name),
        confidence=Confidence.LIKELY,
        symbol=skew.asked.symbol,
        trail=(
            Stop(skew.asked.at, "asked: images are made ready here"),
            Stop(skew.learnt.at, "learnt: images are made ready here"),
        ),
        related=tuple(Stop(node.at, f"step: {node.name}") for node in (step, other) if node is not None),
        severity=Severity.ERROR,
        variant="lacks" if skew.lacks else "more" if other is None else "numbers",
    )  # fmt: skip


def _file(node: Node, other: Node) -> str:
    """The function that makes images ready, by its name and file."""
    name = posixpath.basename(node.at.path)
    name = node.at.path if name == posixpath.basename(other.at.path) else name
    return f"{node.symbol} in {name}" if node.symbol else name


def _sorted(places: list[Computed]) -> list[Computed]:
    return sorted(places, key=lambda one: (one.serves, one.node.at))


def _names(pairs: tuple[Pair, ...]) -> str:
    names = list(dict.fromkeys(pair.one.node.name for pair in pairs))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _place(one: Computed, other: Computed, homes: Collection[tuple[str, str, str]]) -> str:
    """The piece of code, in a file by its name; of two that are called alike, by the whole path. The file alone where
    several of its functions compute what is told."""
    path, (_, symbol, scope) = one.node.at.path, one.home if len(homes) == 1 else ("", "", "")
    name = posixpath.basename(path)
    name = path if path != other.node.at.path and name == posixpath.basename(other.node.at.path) else name
    return f"{scope or symbol} in {name}" if scope or symbol else name


def _label(one: Computed) -> str:
    return f"{one.node.name} = {_short(forms.shown(one.formula.form))}"


def _difference(pair: Pair) -> tuple[str, str]:
    """What differs between two computations, of the first and of the second."""
    one, other = pair.one.formula, pair.other.formula
    if pair.way is Way.SAME:
        return "", ""
    if pair.way is Way.VALUES:
        first, second = forms.differing(pair.compared.first, pair.compared.second) or ("", "")
        return f"has {first}", second
    if pair.way is Way.ROWS:
        first, second = _apart(forms.shown(one.rows), forms.shown(other.rows))
        return f"is over rows with {first}", f"with {second}"
    first, second = _apart(forms.shown(pair.compared.first), forms.shown(pair.compared.second))
    return f"is {first}", second


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts, each from shortly before the place where they part."""
    same = len(posixpath.commonprefix([one, other]))
    start = same - _BEFORE if same > 2 * _BEFORE and max(len(one), len(other)) > _LONGEST else 0
    dots = "..." if start else ""
    return dots + _short(one[start:]), dots + _short(other[start:])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
