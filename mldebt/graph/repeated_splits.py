"""Read-only questions about numbers by which several files of code split the same data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt.graph.code import SPLITS, Literal
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import NodeKind
from mldebt.graph.questions import is_ours, trainings
from mldebt.graph.settings_in_code import Repeated
from mldebt.roles import Confidence, Role

_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)
Splitting = Mapping[tuple[str, str], Mapping[str, bool]]


def files_that_split(graph: Graph) -> Splitting:
    """The files of code that split what is stored, by its id and by the call that splits it, and whether a model learns
    from the parts."""
    found: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    fits = {fit.id for fit in trainings(graph)}
    for step in graph.nodes():
        if step.role is Role.SPLIT and is_ours(step):
            learns = any(one.id in fits for one in graph.downstream(step.id))
            for one in graph.upstream(step.id):
                if one.kind in _STORED and one.exact:
                    files = found[one.id, step.callee]
                    files[step.at.path] = learns or files.get(step.at.path, False)
    return found


def repeated_splits(splitting: Splitting, literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Numbers that several files of code write by hand into the split of the same data. Where a model learns in one of
    them and another only tests, it tests what was learnt from as soon as they part; two that learn are a hint."""
    written = [one for one in literals if one.role == SPLITS and not one.at.cell]
    told: set[frozenset[Literal]] = set()
    for (data, callee), files in sorted(splitting.items()):
        groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
        for one in written if len(files) > 1 else ():
            if one.callee == callee and one.at.path in files:
                groups[one.name, one.value].setdefault(one.at, one)
        same = {key: ones for key, ones in groups.items() if len({one.at.path for one in ones.values()}) > 1}
        repeats = frozenset(one for ones in same.values() for one in ones.values())
        if same and repeats not in told:
            told.add(repeats)
            learn = {files[one.at.path] for one in repeats}
            said = ", ".join(f"{name}={value}" for name, value in sorted(same))
            ones = tuple(sorted(repeats, key=lambda one: (one.at, one.name)))
            sure = Confidence.LIKELY if len(learn) > 1 else Confidence.HINT
            yield Repeated("split", f"{callee}:{data}", "The split by", said, ones, sure)
