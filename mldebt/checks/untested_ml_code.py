"""A module that builds features, trains or serves, and that no test reaches."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.code import Definition
from mldebt.graph.columns import renamed
from mldebt.graph.graph import FLOW
from mldebt.graph.handovers import components_by_file, function_around
from mldebt.graph.joints import joints
from mldebt.graph.model_work import behind_models, called_for_models
from mldebt.graph.program_copies import by_program
from mldebt.graph.prototypes import among_notebooks, measuring, prototypes
from mldebt.graph.questions import BRINGS_IN, LEARNS, is_ours, only_prepares, rows_stored
from mldebt.graph.reach import never_called, run_by_hand, scripts_nobody_names, stands_in_dead
from mldebt.graph.tested_code import files_tested, files_tried, functions_tested
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span
from mldebt.trail import Stop

_WORDS = (
    "trains", "fits", "predicts", "serves", "scores models", "chooses models", "stores models", "makes columns",
    "prepares data", "builds a network", "makes data",
    "changes rows",
)  # fmt: skip
_NETWORK = frozenset({"builds a network"})
_STAGES: Mapping[str, str] = {
    "trains": "training", "fits": "training", "builds a network": "training", "stores models": "training",
    "predicts": "answering", "serves": "answering", "scores models": "scoring", "chooses models": "scoring",
}  # fmt: skip
"""What work belongs to; the rest makes data."""
_MOST_TOGETHER = 3
"""So many modules of a folder are told together, whatever they do; of more, those of each stage."""
_ROWS = frozenset({"table", "column", "array", "group"})
"""How the name of a method begins that writes rows, in whatever library."""
_KEEPS_ROWS = frozenset({"sql", "stores-arrays", "form:array", "form:table"})
_AROUND_A_MODEL: Mapping[Role | None, str] = {
    Role.EVALUATE: "scores models", Role.CHOOSE: "chooses models", Role.PERSIST: "stores models",
}  # fmt: skip
_ON_ROWS = frozenset({"makes columns", "prepares data", "makes data"})
_TRAINS = frozenset({"trains", "fits"})
"""What makes a file that joins tested parts more than one that asks a model: the order of its steps makes the model."""
_TOLD = frozenset({Store.RUN, Store.METRIC})
_OWN = frozenset({Store.FILE, Store.TABLE})
_CALLED = ".__call__"
_SHOWN, _PICTURE = 8, "picture"
_Done = Mapping[str, Mapping[str, Stop]]
"""What files do, and where, by what it is called."""
_Work = tuple[str, Stop, bool]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each module, at its beginning, and one for all of a folder that no test reaches at all; a hint where
    something is tried out, where nobody is known to run a script, and where columns, pictures or tables are made that
    reach no model."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    tested, asked, around = files_tested(graph), behind_models(graph), set(_AROUND_A_MODEL.values())
    dead = never_called(graph)
    work = tuple(_work(graph, asked, dead))
    does, loose = _done(work, known=True), _done(work, known=False)
    uncalled = _uncalled(graph, work, tested)
    together = _joined(graph, tested, asked).items()
    joined = {path: found for path, found in together if does.get(path, {}).keys() <= around}
    does = {**does, **joined}
    does = {**_remade(graph, dead), **does}
    modules = (one for one in graph.code.definitions if one.kind == "module")
    reached = {one.path for one in modules if one.path in tested and one.purpose is not Purpose.TEST}
    tried_out = {*prototypes(graph), *measuring(graph), *among_notebooks(graph)}
    aside = tried_out | {one.path for one in scripts_nobody_names(graph)} | _idle(graph, does, asked)
    hits = []
    for hit in _untested(graph, tested - uncalled.keys(), {**loose, **does, **uncalled}):
        alone = hit.at.path in tried_out or hit.at.path not in does
        told = replace(hit, variant=hit.variant or "joined") if hit.at.path in joined else hit
        told = replace(told, variant="imported") if hit.at.path in uncalled else told
        unsure = alone or hit.at.path in aside or does[hit.at.path].keys() == _NETWORK  # which its training tries
        unsure = unsure or _TRAINS.isdisjoint(joined.get(hit.at.path, _TRAINS))
        hits.append((replace(told, confidence=Confidence.HINT) if unsure else told, alone))
    for group in _by_folder(hits, reached) if reached else _by_component(graph, hits):
        yield from group if len(group) == 1 or not any(map(_is_sure, group)) else (_of_all(sorted(group, key=_rank)),)


def _by_folder(hits: list[tuple[Hit, bool]], reached: Set[str]) -> Iterator[list[Hit]]:
    """Those of a folder of which tests reach nothing, by stage; the others, and what is told alone, one by one."""
    known = {folder for path in reached for folder in _folders(path)}
    folders: dict[str, list[Hit]] = defaultdict(list)
    for hit, alone in hits:
        folder = posixpath.dirname(hit.at.path)
        folders[hit.at.path if alone or folder in known else folder].append(hit)
    for found in folders.values():
        yield from _by_stage(found)


def _by_component(graph: Graph, hits: list[tuple[Hit, bool]]) -> Iterator[list[Hit]]:
    """Where nothing is tested, those of a component by stage, wherever they lie: that its first test is missing is one
    fact, and so it is of copies of a program. What makes data is told with the rest, which stands or falls with it."""
    home = components_by_file(graph)
    components: dict[str, list[Hit]] = defaultdict(list)
    for hit, alone in hits:
        components[hit.at.path if alone else home[hit.at.path]].append(hit)
    alike: dict[tuple[str, str], dict[str, list[Hit]]] = defaultdict(dict)
    for component, found in components.items():
        groups = sorted(_by_stage(found), key=lambda group: min(map(_rank, group)))
        first, *others = [group for group in groups if _stage(group[0]) != "data"] or [[]]
        data = [hit for group in groups if _stage(group[0]) == "data" for hit in group]
        for group in ([*first, *data], *others):
            best = min(group, key=_rank)
            alike[best.at.path.removeprefix(f"{component}/"), best.details["what"]][best.at.path] = group
    for by_file in alike.values():
        yield from ([hit for path in paths for hit in by_file[path]] for paths in by_program(graph, by_file))


def _by_stage(hits: list[Hit]) -> Iterable[list[Hit]]:
    """The modules of a folder together where they are few, or else those of each stage of a model's life: who tests
    the training has not tested the answers."""
    if len(hits) <= _MOST_TOGETHER:
        return (hits,)
    stages: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        stages[_stage(hit)].append(hit)
    return stages.values()


def _stage(hit: Hit) -> str:
    return _STAGES.get(_WORDS[_first_word(hit)], "data")


def _is_sure(hit: Hit) -> bool:
    return hit.confidence is not Confidence.HINT


def _folders(path: str) -> Iterator[str]:
    """The folders that a file lies in, from the top, which has no name."""
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(len(parts)))


def _untested(graph: Graph, tested: frozenset[str], does: _Done) -> Iterator[Hit]:
    """One hit for each module that no test reaches."""
    run = files_tried(graph)
    inside: dict[str, list[Definition]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.kind != "module":
            inside[one.path].append(one)
    for module in graph.code.definitions:
        found = does.get(module.path, {})
        if module.kind != "module" or module.purpose is not Purpose.PRODUCTION or module.exported or not found:
            continue
        if module.path not in tested:
            hit = _hit(module, found, inside[module.path])
            tried = "run" if module.path in graph.code.tried else "run-with" if module.path in run else hit.variant
            yield replace(hit, variant=tried)


def _idle(graph: Graph, does: _Done, asked: frozenset[str]) -> frozenset[str]:
    """The files that only make columns and tables, and nothing that reaches a model, or only when somebody runs them by
    hand."""
    busy = {graph.node(id).at.path for id in asked} - run_by_hand(graph)
    return frozenset(path for path, found in does.items() if found.keys() <= _ON_ROWS and path not in busy)


def _work(graph: Graph, asked: frozenset[str], dead: frozenset[tuple[str, str]]) -> Iterator[_Work]:
    """What is done in which place, by its word, and whether it has to do with a model or may be columns, pictures and
    tables of anything. What nothing uses is told of as such."""
    hooked = frozenset(one.id for one in graph.code.definitions if one.hooked)
    for node in sorted(graph.nodes(), key=lambda node: (node.at, node.id)):
        gone = stands_in_dead(dead, node.at.path, node.symbol)
        word = _does(graph, node) or _hands_on(graph, node, asked) if is_ours(node) and not gone else ""
        if word == "predicts" and node.function in hooked and node.callee.endswith(_CALLED):
            word = "builds a network"  # by passing data on through a part of it
        if word and (node.id in asked or not _is_report(graph, node)):
            known = node.id in asked or not _is_loose(graph, node)
            yield word, Stop(_where(graph, node), f"{word}: {_spoken(node)}"), known


def _done(work: Iterable[_Work], *, known: bool) -> _Done:
    """What each file does that a model is made of, where; or what else it does to columns, pictures and tables."""
    does: defaultdict[str, dict[str, Stop]] = defaultdict(dict)
    for word, stop, sure in work:
        if sure is known:
            does[stop.at.path].setdefault(word, stop)
    return does


def _remade(graph: Graph, dead: frozenset[tuple[str, str]]) -> _Done:
    """What files do that change the rows they are given, for a program that learns or predicts: nobody has to know the
    way on which these come to it."""
    asked, does = called_for_models(graph), dict[str, dict[str, Stop]]()
    for one in graph.code.definitions:
        if one.id in graph.code.remaking and one.id in asked and not stands_in_dead(dead, one.path, one.name):
            does.setdefault(one.path, {"changes rows": Stop(one.at, f"changes rows: {one.name}")})
    return does


def _uncalled(graph: Graph, work: Iterable[_Work], tested: frozenset[str]) -> _Done:
    """What files do that tests import or send something to, in functions that none of them calls, where it makes models
    or their answers."""
    called = functions_tested(graph, tested)
    done: defaultdict[str, dict[str, Stop]] = defaultdict(dict)
    reached: set[tuple[str, str]] = set()
    for word, stop, sure in work:
        if sure and stop.at.path in tested:
            around = function_around(graph, stop.at)
            done[stop.at.path].setdefault(word, stop)
            if around is None or around.id in called:
                reached.add((stop.at.path, word))
    left = {path: {word: found[word] for word in found if (path, word) not in reached} for path, found in done.items()}
    return {path: found for path, found in left.items() if _main(done[path]) & found.keys()}


def _main(done: Mapping[str, Stop]) -> frozenset[str]:
    """What of the work of a file is untested by itself, where tests call other functions of it: who tests what it
    learns asks the model, too."""
    return _TRAINS if _TRAINS & done.keys() else frozenset({"predicts"})


def _joined(graph: Graph, tested: frozenset[str], asked: frozenset[str]) -> _Done:
    """What files do by giving what one other file makes to another, where tests reach these alone."""
    does: defaultdict[str, dict[str, Stop]] = defaultdict(dict)
    for node, home, at in sorted(joints(graph), key=lambda joint: (joint[2], joint[0].id)):
        word = _does(graph, node) if is_ours(node) and home in tested and at.path not in tested else ""
        if word and (word not in _ON_ROWS or node.id in asked):
            does[at.path].setdefault(word, Stop(at, f"{word}: {_spoken(node)}"))
    return does


def _spoken(node: Node) -> str:
    """What is done, as code says it: of what has no name there the name of the method, of columns that it makes up no
    name."""
    kind, _, method = node.name.rpartition(".")
    return method if kind in _ROWS or kind == "?" else node.name if node.name.strip("{}_") else "columns"


def _where(graph: Graph, node: Node) -> Span:
    """Where something is done: what a function of another file does is no work of the file that only asks for it, and
    gives it nothing to do it on."""
    home = _home(graph, node)
    given = {_home(graph, graph.node(edge.source)).path for edge in graph.in_edges(node.id)}
    return node.at if node.at.path in {home.path, *given} else home


def _home(graph: Graph, node: Node) -> Span:
    """The function that does something, or the place outside of any."""
    function = graph.node(node.function).at if node.function in graph else node.at
    return node.at if function.path == node.at.path else function


def _is_loose(graph: Graph, node: Node) -> bool:
    """A column of which no model is known, a picture, a table that is kept up, as it is written where it is read, and
    one that is made and read by nobody here, as results are."""
    if node.kind is NodeKind.FEATURE or _PICTURE in node.traits:
        return True
    if node.role is not Role.WRITE:
        return False
    places = {edge.target for edge in graph.out_edges(node.id, EdgeKind.WRITES)}
    if "as-read" not in node.traits and not any(graph.out_edges(place, EdgeKind.READS) for place in places):
        return True
    behind = graph.upstream(node.id, *FLOW)
    stored = {one.id for one in behind if one.kind in (NodeKind.SOURCE, NodeKind.ARTIFACT)}
    return bool(stored) and stored <= places


def _hit(module: Definition, found: Mapping[str, Stop], functions: list[Definition]) -> Hit:
    words = [word for word in _WORDS if word in found and (word != "fits" or "trains" not in found)]
    return Hit(
        at=module.at,
        details={"path": module.path, "what": _listed(words)},
        keys=(module.path,),
        confidence=Confidence.LIKELY,
        trail=tuple(found[word] for word in words),
        related=tuple(Stop(one.at, f"{one.kind}: {one.name}") for one in _working_first(functions, found))[:_SHOWN],
    )


def _working_first(functions: list[Definition], found: Mapping[str, Stop]) -> list[Definition]:
    """Those in which it is done before others with such steps: the first of the file, those by which others come to it,
    and then the innermost."""
    lines = [stop.at.line for stop in found.values()]
    working = [one for one in functions if any(one.at.line <= line <= one.end_line for line in lines)]
    first, inner = working[:1], sorted(working[1:], key=lambda one: (one.end_line - one.at.line, one.at))
    asking = {user for one in working for user in one.used_by}
    ids = {one.id for one in functions}
    doors = [one for one in functions if one.id in asking and one not in first and ids.isdisjoint(one.used_by)]
    return list(dict.fromkeys((*first, *doors, *inner, *(one for one in functions if one.ml))))


def _rank(hit: Hit) -> tuple[object, ...]:
    """What is sure comes first, and what trains, predicts or serves before what only prepares."""
    return not _is_sure(hit), _first_word(hit), hit.at


def _first_word(hit: Hit) -> int:
    return min(_WORDS.index(stop.label.partition(":")[0]) for stop in hit.trail)


def _of_all(hits: list[Hit]) -> Hit:
    """One for several modules, at the one that matters most, with the others and what of each does the work. Only those
    that surely make models or their data are counted."""
    first, *others = hits
    count = sum(map(_is_sure, others))
    modules = tuple(Stop(hit.at, f"untested: {hit.details['path']} {hit.details['what']}") for hit in others)
    shown = max(1, (_SHOWN - len(modules)) // len(hits))
    inside = tuple(stop for hit in hits for stop in hit.related[:shown])
    folders = {posixpath.dirname(hit.at.path) for hit in hits}
    folder = posixpath.commonpath(folders)
    source = folder or ("the repository" if any(folders) else "the top folder")
    return replace(
        first,
        details={**first.details, "source": source, "count": str(count)},
        keys=(folder, _stage(first)),
        related=(*modules[:_SHOWN], *inside[:_SHOWN]),
        variant="all" if count else "folder",
    )


def _does(graph: Graph, node: Node) -> str:
    """What a module does that a step of a model's life is made in; empty for anything else."""
    if node.role in LEARNS and node.kind is NodeKind.MODEL:
        return "fits" if "unsure" in node.traits else "trains"
    if node.kind is NodeKind.ENDPOINT:
        return "serves" if _answers_with_predictions(graph, node) else ""
    if node.role is Role.WRITE:
        return "makes data" if _makes_data(graph, node) else ""
    if node.role is Role.PERSIST and node.at in rows_stored(graph):
        return "makes data"
    if node.role in _AROUND_A_MODEL:
        return "" if node.role is Role.PERSIST and _keeps_steps(graph, node) else _AROUND_A_MODEL[node.role]
    if "layer" in node.traits:
        return "builds a network"
    if node.kind is NodeKind.FEATURE and (node.id in graph.code.taken or renamed(node)):
        return ""
    if node.kind is NodeKind.PREDICTION and only_prepares(graph, node):
        return "prepares data"
    kinds = {
        NodeKind.PREDICTION: "predicts",
        NodeKind.FEATURE: "makes columns",
        NodeKind.TRANSFORM: "prepares data",
    }
    return kinds.get(node.kind, "")


def _makes_data(graph: Graph, write: Node) -> bool:
    """Whether rows are stored that are made of stored ones."""
    if _KEEPS_ROWS.isdisjoint(write.traits) and write.callee.partition(".")[0] not in _ROWS:
        return False
    behind = graph.upstream(write.id, *FLOW)
    return any(one.role in BRINGS_IN and one.kind is not NodeKind.MODEL for one in behind)


def _hands_on(graph: Graph, write: Node, asked: frozenset[str]) -> str:
    """What writes texts or objects that are made of those of files and tables, and that reach a model, makes data as
    well; what others answer is only kept so."""
    stores = write.role is Role.WRITE and write.id in asked
    if not stores or any(one.kind is NodeKind.MODEL for one in graph.predecessors(write.id)):
        return ""
    read = (one for one in graph.upstream(write.id, *FLOW) if one.role in BRINGS_IN and one.kind is not NodeKind.MODEL)
    places = (place for one in read for place in graph.predecessors(one.id, EdgeKind.READS))
    return "makes data" if any(place.store in _OWN for place in places) else ""


def _keeps_steps(graph: Graph, save: Node) -> bool:
    """Whether all that was learnt of what is stored only prepares rows."""
    return {one.kind for one in graph.upstream(save.id, *FLOW) if one.role in LEARNS} == {NodeKind.TRANSFORM}


def _is_report(graph: Graph, node: Node) -> bool:
    """Whether a column or table comes of scores, of trainings or of what runs left, or a column of answers, or what is
    prepared is scored."""
    if node.kind is NodeKind.TRANSFORM:
        return any(one.role is Role.EVALUATE for one in graph.downstream(node.id))
    if node.kind is not NodeKind.FEATURE and node.role is not Role.WRITE:
        return False
    behind = graph.upstream(node.id, *FLOW)
    if any(one.kind is NodeKind.PREDICTION for one in behind) and node.kind is not NodeKind.FEATURE:
        return any(one.role is Role.EVALUATE for one in behind)  # answers that are stored are data for others
    return any(one.role is Role.EVALUATE or one.store in _TOLD or _answers(one) for one in behind)


def _answers(node: Node) -> bool:
    return node.kind is NodeKind.PREDICTION or (node.role in LEARNS and node.kind is NodeKind.MODEL)


def _answers_with_predictions(graph: Graph, route: Node) -> bool:
    called = {route.id, *(node.id for node in graph.downstream(route.id, EdgeKind.CALLS))}
    return any(node.function in called for node in graph.nodes(NodeKind.PREDICTION))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
