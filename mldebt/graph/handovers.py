"""Read-only questions about what one program writes and another reads."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.graph.code import TOP, Definition
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.pipelines import pipelines
from mldebt.graph.questions import BRINGS_IN, LEARNS, STORES, is_ours
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span

_FILE = "artifact:file:"
_FURTHEST = 60
_SHAPES = frozenset({Role.DERIVE, Role.COMBINE, Role.SELECT})
_MAKES_MODELS = LEARNS | {Role.CONSTRUCT, Role.LOAD, Role.FIT_TRANSFORM}


@dataclass(frozen=True, slots=True)
class HandOver:
    """One artifact, written by one step and read by another. `read` leaves the artifact as the reader
    names it, which may be another name for the same thing."""

    artifact: Node
    write: Edge
    writer: Node
    read: Edge
    reader: Node
    confidence: Confidence


def hand_overs(graph: Graph) -> Iterator[HandOver]:
    """Every pair of a write and a read of one artifact in production code; uploads are no reads."""
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if _lies_nowhere(graph, artifact):
            continue  # what lies in a folder nobody knows is not known to lie in one folder
        writes = [edge for edge in graph.in_edges(artifact.id, EdgeKind.WRITES) if _puts(graph.node(edge.source))]
        for read, alias in _reads(graph, artifact) if writes else ():
            for write in writes:
                sure = weakest(write.confidence, read.confidence, alias)
                yield HandOver(artifact, write, graph.node(write.source), read, graph.node(read.target), sure)


def entry_file(step: Node) -> str:
    """The file that is run when a step happens: of the outermost call site, or the step's own."""
    return step.chain[-1].path if step.chain else step.at.path


def copies(graph: Graph) -> Iterator[HandOver]:
    """Reads of a file that nobody writes, has the name of one that is written, and is named by a file
    that may copy it: hints."""
    written: dict[str, list[Node]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if graph.in_edges(artifact.id, EdgeKind.WRITES):  # not what is known to be a copy itself
            written[posixpath.basename(artifact.id)].append(artifact)
    for source in graph.nodes(NodeKind.SOURCE):
        same = written.get(posixpath.basename(source.id), []) if source.exact and "mentioned" in source.traits else []
        artifacts = [one for one in same if one.store is source.store]
        for artifact in artifacts if len(artifacts) == 1 else ():
            for write in graph.in_edges(artifact.id, EdgeKind.WRITES):
                for read in graph.out_edges(source.id, EdgeKind.READS):
                    writer, reader = graph.node(write.source), graph.node(read.target)
                    if _stores(writer) and reader.role in BRINGS_IN and is_ours(reader):
                        yield HandOver(artifact, write, writer, read, reader, Confidence.HINT)


def spelled_once(graph: Graph, overs: Iterable[HandOver]) -> frozenset[str]:
    """The artifacts whose name stands in one module that both sides import: a change there is one for both."""
    spelling: dict[str, set[str]] = defaultdict(set)
    for one in graph.code.literals:
        if one.role == "path":
            spelling[posixpath.basename(one.value)].add(one.at.path)
    taken: dict[str, set[str]] = defaultdict(set)
    for use in graph.code.local_imports:
        taken[use.at.path].add(use.path)
    apart: set[str] = set()
    found: set[str] = set()
    for over in overs:
        homes = spelling[posixpath.basename(over.artifact.name)]
        sides = [taken[step.at.path] & homes for step in (over.writer, over.reader)]
        (found if sides[0] & sides[1] else apart).add(over.artifact.id)
    return frozenset(found - apart)


def hands_on(graph: Graph, over: HandOver) -> bool:
    """Whether the program that reads an artifact stores something made of it in another place, for whoever looks there,
    and runs on no code of the program that writes it. A notebook is read by a person, and so is a plot."""
    by_file = components_by_file(graph)
    reading, home = entry_file(over.reader), by_file.get(entry_file(over.writer), "")
    lent = (use.path for use in graph.code.local_imports if use.at.path == reading)
    if over.reader.at.cell or any(by_file.get(path) == home for path in lent):
        return False
    made = graph.reached([over.reader.id])
    return any(_stores(step) and over.artifact not in graph.successors(step.id, EdgeKind.WRITES) for step in made)


def function_around(graph: Graph, at: Span) -> Definition | None:
    """The innermost function that holds a place; None at the top of a file and in notebooks."""
    functions = graph.functions_in(at.path) if not at.cell else ()
    holding = [one for one in functions if one.at.line <= at.line <= one.end_line]
    return max(holding, key=lambda one: one.at, default=None)


def holds_predictions(graph: Graph, step: Node) -> bool:
    """Whether a step stores what a model predicted; what an upload stores is told by the file's writer. Where scores of
    the model are stored, what is beside them tells of it: it is no list of predictions, and neither is what only
    compares them with something else."""
    seen, todo = {step.id}, [step]
    while todo:
        one = todo.pop()
        given = graph.in_edges(one.id)
        if holds_scores(graph, one) or _describes(one, given):
            continue
        for edge in given:
            source = graph.node(edge.source)
            if edge.kind is not EdgeKind.READS:
                if edge.slot == "data" and _is_predicted(graph, source):
                    return True
                continue
            writers = [writer for writer in graph.predecessors(source.id, EdgeKind.WRITES) if writer.id not in seen]
            seen.update(writer.id for writer in writers)
            todo += writers
    return False


def holds_scores(graph: Graph, step: Node) -> bool:
    """Whether a step stores how well a model does."""
    given = (graph.node(edge.source) for edge in graph.in_edges(step.id) if edge.slot == "data")
    return "of-scores" in step.traits or any(source.role is Role.EVALUATE for source in given)


def brings_predictions(graph: Graph, read: Node) -> bool:
    """Whether a read brings in what a model predicted, under its own name or another one."""
    if read.role is not Role.READ:
        return False
    places = [edge.source for edge in graph.in_edges(read.id, EdgeKind.READS)]
    places += [edge.source for place in places for edge in graph.in_edges(place, EdgeKind.DERIVES)]
    writers = (writer for place in places for writer in graph.predecessors(place, EdgeKind.WRITES))
    return any(is_ours(writer) and holds_predictions(graph, writer) for writer in writers)


def holds_model(graph: Graph, over: HandOver) -> bool:
    """Whether what is handed over is a model, and not data about one."""
    if over.writer.role is Role.PERSIST or over.reader.role is Role.LOAD:
        return True
    sources = [graph.node(edge.source) for edge in graph.in_edges(over.writer.id) if edge.slot in ("data", "model")]
    roles = {source.role for source in sources}
    return "keeps-data" in over.writer.traits and bool(roles & _MAKES_MODELS) and Role.PREDICT not in roles


def components_by_file(graph: Graph) -> dict[str, str]:
    """The component of each file that holds a step or a definition."""
    found = {one.path: one.component for one in graph.code.definitions}
    return found | {node.at.path: node.component for node in graph.nodes() if node.role is not None}


def programs(graph: Graph, overs: Iterable[HandOver]) -> dict[str, str]:
    """The program of each component, named by one of its components.

    Components of one repository that feed each other are one program, and so are scripts at its top with the
    folders whose code they call, and all that one pipeline runs.
    """
    by_file = components_by_file(graph)
    feeds: dict[str, set[str]] = defaultdict(set)
    for over in overs:
        if over.confidence is not Confidence.HINT:
            feeds[by_file.get(entry_file(over.writer), "")].add(by_file.get(entry_file(over.reader), ""))
    of = graph.code.repository_of
    joined = [(a, b) for a in feeds for b in feeds[a] if of(a) == of(b) and a in _onward(feeds, b)]
    at_top = [node for node in graph.nodes() if node.role and by_file.get(entry_file(node)) in tops(graph)]
    called = {(by_file[entry_file(node)], by_file.get(_written_in(node), "")) for node in at_top}
    joined += [(top, other) for top, other in called if of(top) == of(other) and _is_below(top, other)]
    for files in pipelines(graph):
        held = sorted({by_file[file] for file in files if file in by_file})
        joined += [(held[0], other) for other in held[1:] if of(held[0]) == of(other)]
    return _merged(sorted({*by_file.values()}), sorted(joined))


def tops(graph: Graph) -> frozenset[str]:
    """The components of scripts at the top of their repository."""
    return frozenset({TOP, *graph.code.repositories})


def _lies_nowhere(graph: Graph, artifact: Node) -> bool:
    """Whether a file lies in a folder that nobody knows."""
    key = artifact.id.removeprefix(_FILE)
    repository = graph.code.repository_of(key)
    return key != artifact.id and key.removeprefix(f"{repository}/" if repository else "").startswith("{")


def _stores(node: Node) -> bool:
    return node.role in STORES and is_ours(node) and "plot" not in node.traits


def _puts(writer: Node) -> bool:
    """Whether a step that writes an artifact stores it: a statement may take rows of one table to another."""
    return _stores(writer) or (writer.role is Role.READ and "store:table" in writer.traits and is_ours(writer))


def _reads(graph: Graph, artifact: Node) -> Iterator[tuple[Edge, Confidence]]:
    """The reads of an artifact, under its own name and under others it is known by."""
    names = [(artifact.id, Confidence.CERTAIN)]
    aliases = graph.out_edges(artifact.id, EdgeKind.DERIVES)
    stored = (NodeKind.ARTIFACT, NodeKind.SOURCE)
    names += [(edge.target, edge.confidence) for edge in aliases if graph.node(edge.target).kind in stored]
    for id, confidence in names:
        for read in graph.out_edges(id, EdgeKind.READS):
            reader = graph.node(read.target)
            if reader.role in BRINGS_IN and is_ours(reader):
                yield read, confidence


def _describes(step: Node, given: Iterable[Edge]) -> bool:
    """Whether a record holds settings beside what a model gave: it tells of the model, as its limits do."""
    told = any(edge.kind is EdgeKind.CONFIGURES and edge.slot == "data" for edge in given)
    return told and "form:record" in step.traits


def _is_predicted(graph: Graph, source: Node) -> bool:
    """Whether values are predictions, or tables and columns made of them; vectors of texts are none."""
    seen, todo = {source.id}, [source]
    while todo and len(seen) < _FURTHEST:
        node = todo.pop()
        if node.kind is NodeKind.PREDICTION and "embeds" not in node.traits:
            return True
        if node.kind is NodeKind.FEATURE or node.role in _SHAPES or "keeps-rows" in node.traits:
            before = {edge.source for edge in graph.in_edges(node.id) if edge.slot in ("data", "receiver")} - seen
            seen |= before
            todo += [graph.node(id) for id in sorted(before)]
    return False


def _written_in(node: Node) -> str:
    """The file that holds the code of a step: that of its function, or where it stands."""
    return node.function.removeprefix("function:").rpartition(":")[0] or node.at.path


def _is_below(top: str, component: str) -> bool:
    """Whether a component is a folder that stands at the top."""
    name = component if top == TOP else component.removeprefix(f"{top}/")
    return bool(name) and "/" not in name


def _onward(feeds: dict[str, set[str]], start: str) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        for other in feeds.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _merged(names: list[str], pairs: list[tuple[str, str]]) -> dict[str, str]:
    home = {name: name for name in names}
    for one, other in pairs:
        first, second = sorted((home.get(one, one), home.get(other, other)))
        home = {name: first if at == second else at for name, at in home.items()}
    return home
