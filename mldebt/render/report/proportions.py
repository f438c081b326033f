"""How much of the code is machine learning and how much is around it: the figure of the paper, in lines.

Sculley et al., Hidden Technical Debt in Machine Learning Systems (2015), figure 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from mldebt.graph import Graph, Node
from mldebt.graph.code import Definition
from mldebt.graph.pipelines import declared_steps
from mldebt.roles import Role
from mldebt.source import Kind, Purpose, SourceFile

GLUE, ML, CONFIGURATION, PROCESS = "Glue", "ML code", "Configuration", "Process management"
COLLECTION, FEATURES, SERVING = "Data collection", "Feature extraction", "Serving"
BOXES = (
    CONFIGURATION, COLLECTION, "Data verification", FEATURES, ML, "Analysis tools", SERVING, "Monitoring", PROCESS,
    GLUE,
)  # fmt: skip
"""The boxes of the figure, in its order; what manages machines and what manages processes are one here."""
HOW = (
    "Lines are counted where they stand. A function's lines are shared among the boxes of what its steps do: reads,"
    " writes and requests are data collection; joins, columns and transforms feature extraction; splits, fits and"
    " predictions ML code; scores, plots and tracked runs analysis. A function without such a step counts with"
    " the code that calls it where all of that does one thing, and is glue otherwise. Settings files are configuration;"
    " shell, containers, requirements and pipeline definitions process management. Tests, examples, vendored and"
    " generated files, and lists of pinned versions, are left out."
)
_OF_ROLE: Mapping[Role, str] = MappingProxyType({
    **dict.fromkeys((Role.READ, Role.WRITE, Role.REQUEST, Role.COPY, Role.REMOVE), COLLECTION),
    Role.VALIDATE: "Data verification",
    **dict.fromkeys((Role.DERIVE, Role.COMBINE, Role.SELECT, Role.TRANSFORM, Role.FIT_TRANSFORM), FEATURES),
    **dict.fromkeys((Role.SPLIT, Role.RESAMPLE, Role.FIT, Role.SEARCH, Role.PREDICT, Role.LOAD, Role.PERSIST), ML),
    **dict.fromkeys((Role.EVALUATE, Role.INSPECT, Role.TRACK), "Analysis tools"),
    Role.SERVE: SERVING,
    Role.MONITOR: "Monitoring",
    Role.CONFIGURE: CONFIGURATION,
    Role.RUN: PROCESS,
})  # fmt: skip
_OF_KIND: Mapping[Kind, str] = MappingProxyType({
    Kind.SETTINGS: CONFIGURATION, Kind.COMMANDS: PROCESS, Kind.REQUIREMENTS: PROCESS, Kind.SQL: FEATURES,
})  # fmt: skip
_CODE = (Kind.PYTHON, Kind.NOTEBOOK)
_ROUNDS = 3

Shares = Counter[str]


def proportions(graph: Graph, files: Iterable[tuple[SourceFile, int]]) -> tuple[tuple[str, int], ...]:
    """The lines of each box, in the order of the figure."""
    locks = _locks(graph)
    ours = [(file, lines) for file, lines in files if file.purpose is Purpose.PRODUCTION and file.path not in locks]
    by_path: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes():
        by_path[node.at.path].append(node)
    declared = {node.at.path for node in declared_steps(graph)}
    total: dict[str, float] = defaultdict(float)
    code = {file.path: lines for file, lines in ours if file.kind in _CODE}
    for file, lines in ours:
        if file.kind not in _CODE:
            plain = PROCESS if file.path in declared else _OF_KIND.get(file.kind, GLUE)
            own = _shares(by_path[file.path]) if file.kind is Kind.SQL else Counter[str]()
            _share_out(total, own or Counter({plain: 1}), lines)
    for shares, size in _units(graph, code, by_path):
        _share_out(total, shares or Counter({GLUE: 1}), size)
    return tuple((part, round(total[part])) for part in BOXES)


def _locks(graph: Graph) -> frozenset[str]:
    """The files that hold versions of what another file asks for: a tool writes them."""
    places = graph.code.environments
    pinning = {one.pinned_by for place in places for one in place.dependencies if one.pinned_by != place.path}
    return frozenset(pinning | {place.path for place in places if place.form == "lock"})


def _share_out(total: dict[str, float], shares: Shares, lines: int) -> None:
    steps = sum(shares.values())
    for part, number in shares.items():
        total[part] += lines * number / steps


def _shares(nodes: Iterable[Node]) -> Shares:
    """How many steps of each box there are; a step that stands at one place for several callers counts once."""
    steps = {(node.at, _OF_ROLE[node.role]) for node in nodes if node.role is not None and node.role in _OF_ROLE}
    return Counter(part for _, part in steps)


def _units(
    graph: Graph, code: Mapping[str, int], by_path: Mapping[str, Sequence[Node]]
) -> Iterable[tuple[Shares, int]]:
    """Each function, and the rest of each file, with what its steps do and its lines."""
    shares: dict[str, Shares] = {}
    sizes: dict[str, int] = {}
    users: dict[str, tuple[str, ...]] = {}
    inside: dict[str, list[Definition]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.path in code and one.kind in ("function", "method") and not one.at.cell:
            inside[one.path].append(one)
    for path, lines in code.items():
        left, rest = lines, list(by_path.get(path, ()))
        for one in sorted(inside[path], key=lambda one: (-one.at.line, one.id)):  # what is inside comes first
            held = [node for node in rest if one.at.line <= node.at.line <= one.end_line]
            rest = [node for node in rest if not one.at.line <= node.at.line <= one.end_line]
            nested = sum(sizes[other.id] for other in inside[path] if other.id in sizes and _holds(one, other))
            shares[one.id], users[one.id] = _shares(held), one.used_by
            sizes[one.id] = max(one.end_line - one.at.line + 1 - nested, 0)
            left -= sizes[one.id]
            if not shares[one.id] and "endpoint" in one.made:
                shares[one.id] = Counter({SERVING: 1})
        module = f"module:{path}"
        shares[module], sizes[module] = _shares(rest), max(left, 0)
    _pass_on(shares, users)
    return [(shares[id], sizes[id]) for id in sorted(sizes)]


def _holds(one: Definition, other: Definition) -> bool:
    return one.id != other.id and one.at.line <= other.at.line and other.end_line <= one.end_line


def _pass_on(shares: dict[str, Shares], users: Mapping[str, tuple[str, ...]]) -> None:
    """Gives code without a step the box of what calls it, where that is one."""
    for _ in range(_ROUNDS):
        found: dict[str, Shares] = {}
        for id in sorted(users):
            above = {_first(shares[user]) for user in users[id] if shares.get(user)}
            if not shares[id] and len(above) == 1:
                found[id] = Counter({above.pop(): 1})
        shares |= found


def _first(shares: Shares) -> str:
    """The box that most steps are of; of equal ones the first by name."""
    return min(shares, key=lambda part: (-shares[part], part))
