"""A model takes whatever columns a table has: all but the label, all of a type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.declared import EXISTS, MAY_EXIST
from mldebt.graph.names import model_name
from mldebt.graph.questions import BRINGS_IN, LEARNS, MODEL_SLOTS, STORES, is_ours, read_on_the_way
from mldebt.graph.rows import ROWS_TOLD, RowSets
from mldebt.graph.scores import fits_behind
from mldebt.graph.ways import COLUMN
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Span
from mldebt.trail import Stop

_LEFT_OVER = frozenset({"all-but", "by-type"})
_UNKNOWN = frozenset({"unknown"})
_KEEPS = frozenset({"form:model", "holds-model"})
_OBJECT = "object"
_TABLES = frozenset({"data", "receiver", "other"})
_HOLE = re.compile(r"\{[^{}]*\}")
# A transformer is made with a list of columns, or of a class of the repository that may choose some.
_CHOOSES = frozenset({"listed", "own"})
_FEWEST_PUT_TOGETHER = 3
_MOST_NODES = 400
_MOST_STEPS = 4
_SHOWN = 8
_NAMED = 3


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function or script that forms inputs of models out of whatever is there; those of one file that
    take them out of one table are told together, as one list is what they lack."""
    rows, picking = RowSets(graph), _picking(graph)
    uses: dict[tuple[str, str], dict[str, list[Node]]] = {}
    for node in graph.nodes(NodeKind.MODEL, NodeKind.PREDICTION):
        if is_ours(node) and (node.role in LEARNS or node.role is Role.PREDICT) and "selector" not in node.traits:
            for id in _bundles(graph, node):
                formed = graph.node(id)
                uses.setdefault((formed.at.path, formed.symbol), {}).setdefault(id, []).append(node)
    tables: dict[object, list[Hit]] = {}
    for place, found in uses.items():
        whole = [graph.node(id) for id in found if _is_open_ended(graph, id)]
        open_ended = [node for node in whole if node.at not in picking]
        if open_ended:
            hit = _hit(graph, rows, open_ended, found)
            (source,) = hit.keys
            table = (hit.at.path, source, hit.details["what"], hit.variant, hit.confidence) if source else place
            tables.setdefault(table, []).append(hit)
    yield from map(_together, tables.values())


def _together(hits: list[Hit]) -> Hit:
    """The first of the hits of one file on one table, with the models of all."""
    first, *others = sorted(hits, key=lambda hit: hit.at)
    models = list(dict.fromkeys(hit.details["model"] for hit in (first, *others)))
    related = dict.fromkeys(stop for hit in (first, *others) for stop in (*hit.related, *hit.trail[-2:]))
    if not others:
        return first
    return replace(
        first,
        details={**first.details, "model": _listed(models, len(hits))},
        related=tuple(stop for stop in related if stop not in first.trail)[:_SHOWN],
        variant=f"{first.variant or 'fit'}_several",
    )


def _listed(names: list[str], count: int) -> str:
    """Several models by their names; of such as are called alike, or of many, only how many more there are."""
    if len(names) > _NAMED or len(names) < count:
        return f"{', '.join(names[:_NAMED])} and {count - len(names[:_NAMED])} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _picking(graph: Graph) -> frozenset[Span]:
    """The places at which columns are chosen by what was found out about them, whatever else comes there: a trial of
    several sets of columns."""
    steps = (node for node in graph.nodes(NodeKind.STEP) if node.role is Role.SELECT)
    return frozenset(step.at for step in steps if not step.traits & _LEFT_OVER)


def _is_open_ended(graph: Graph, id: str) -> bool:
    if not is_ours(graph.node(id)) or _is_listed(graph, id, set()) or _is_checked(graph, id):
        return False
    reads = [node for node in graph.upstream(id, EdgeKind.DERIVES) if node.role in BRINGS_IN]
    return not reads or any(is_ours(node) for node in reads)  # what only an example brings is its own


def _bundles(graph: Graph, use: Node) -> list[str]:
    """The expressions that choose columns by leaving some out or by type, nearest to a use."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = _no_row_numbers(graph, [edge for edge in graph.in_edges(use.id) if edge.slot == "data"])
    if any(_names_columns(graph, edge.source) for edge in graph.in_edges(use.id) if edge.slot in MODEL_SLOTS):
        return []
    if "listed" in use.traits or _is_put_together(graph, use):
        return []
    while todo and len(seen) < _MOST_NODES:
        edge = todo.pop()
        source = graph.node(edge.source)
        if edge.part.startswith(COLUMN) or source.id in seen:
            continue
        seen.add(source.id)
        if source.traits & _LEFT_OVER:
            found.add(source.id)
        elif not _ends_it(graph, source):
            todo += _tables(graph, source)
    behind = {node.id for id in found for node in graph.upstream(id, EdgeKind.DERIVES)}
    return sorted(found - behind)


def _is_put_together(graph: Graph, use: Node) -> bool:
    """Whether the inputs are a list of separately transformed arrays, each of which the code names."""
    parts = {edge.source for edge in graph.in_edges(use.id) if edge.slot == "data"}
    return len({id for id in parts if graph.node(id).kind is NodeKind.TRANSFORM}) >= _FEWEST_PUT_TOGETHER


def _ends_it(graph: Graph, node: Node) -> bool:
    """Whether columns are named here, or what comes out has no columns of a table any more."""
    if node.role is Role.SELECT or "listed" in node.traits or node.kind in (NodeKind.FEATURE, NodeKind.PREDICTION):
        return True
    if node.kind is NodeKind.MODEL or node.role is Role.LOAD:
        return True
    if node.kind is NodeKind.TRANSFORM:
        return _takes_listed(graph, node)
    # The arrays of one split are the inputs and the label: where one of them is chosen, it is the inputs.
    return node.role is Role.SPLIT and any(
        graph.node(edge.source).role is Role.SELECT and not graph.node(edge.source).traits & (_LEFT_OVER | _UNKNOWN)
        for edge in graph.in_edges(node.id)
    )


def _takes_listed(graph: Graph, node: Node) -> bool:
    """Whether what transforms here is made with lists of columns."""
    return any(_names_columns(graph, edge.source) for edge in graph.in_edges(node.id) if edge.slot in MODEL_SLOTS)


def _tables(graph: Graph, node: Node) -> list[Edge]:
    """The edges by which tables come to a step, also out of a file that is written here."""
    if node.kind is NodeKind.ARTIFACT:
        return list(graph.in_edges(node.id, EdgeKind.WRITES))
    if node.role in BRINGS_IN:
        return list(graph.in_edges(node.id, EdgeKind.READS))
    slots = {"data"} if node.role in STORES else _TABLES
    edges = [edge for edge in graph.in_edges(node.id) if edge.slot in slots and edge.kind is not EdgeKind.CONFIGURES]
    return _no_row_numbers(graph, edges)


def _no_row_numbers(graph: Graph, edges: list[Edge]) -> list[Edge]:
    """Without the row numbers of a split beside a table whose columns are chosen: they choose no column."""
    chosen = {edge.slot for edge in edges if graph.node(edge.source).role is Role.SELECT}
    return [edge for edge in edges if edge.slot not in chosen or graph.node(edge.source).role is not Role.SPLIT]


def _names_columns(graph: Graph, model: str) -> bool:
    """Whether a model or transformer is made with lists of columns inside."""
    seen, todo = {model}, [model]
    while todo:
        node = graph.node(todo.pop())
        if node.role is Role.CONSTRUCT and node.traits & _CHOOSES:
            return True
        for edge in graph.in_edges(node.id):
            source = graph.node(edge.source)
            made = source.role is Role.CONSTRUCT or source.kind in (NodeKind.MODEL, NodeKind.TRANSFORM)
            if made and edge.slot not in ("data", "label") and source.id not in seen:
                seen.add(source.id)
                todo.append(source.id)
    return False


def _is_listed(graph: Graph, id: str, seen: set[str]) -> bool:
    """Whether all columns that come to a step were named before."""
    seen.add(id)
    edges = [edge for edge in _tables(graph, graph.node(id)) if edge.source not in seen]
    if not edges:
        return False
    return all(_is_named(graph, edge, seen) for edge in edges)


def _is_named(graph: Graph, edge: Edge, seen: set[str]) -> bool:
    source = graph.node(edge.source)
    if edge.part.startswith(COLUMN) or source.kind is NodeKind.FEATURE or "listed" in source.traits:
        return True
    if source.role is Role.SELECT and not source.traits & _LEFT_OVER:
        return True
    if source.kind is NodeKind.TRANSFORM and _takes_listed(graph, source):
        return True
    return _is_listed(graph, source.id, seen)


def _is_checked(graph: Graph, id: str) -> bool:
    """Whether the table, before or after, is also given to a validation of more than its values."""
    tables = {id, *(edge.source for edge in _tables(graph, graph.node(id)))}
    found = (node for table in tables for node in graph.successors(table) if node.role is Role.VALIDATE)
    return any("of-values" not in node.traits for node in found)


def _hit(graph: Graph, rows: RowSets, formed: list[Node], found: dict[str, list[Node]]) -> Hit:
    """At the expression that a fit learns from, if there is one; the others are beside it."""
    bundle = min(formed, key=lambda node: (not _fits(found[node.id]), node.at, node.id))
    uses = sorted(found[bundle.id], key=lambda node: (node.role not in LEARNS, node.at.path != bundle.at.path, node.at))
    first = uses[0]
    places = dict.fromkeys(Stop(node.at, "columns: whatever is left") for node in formed if node.at != bundle.at)
    places |= dict.fromkeys(Stop(node.at, f"{node.role.value}: {node.name}") for node in uses if node.role)
    source = _source(graph, rows, bundle)
    followed = source is not None and source.store is not Store.TABLE and not bundle.at.cell
    followed = followed and (_is_of_kept(graph, bundle, uses) or _is_asked_as_taught(graph, uses))
    followed = followed and not (_names_are_kept(graph, bundle) or _goes_through_a_file(graph, first))
    followed = followed and source is not None and not _is_kept(source)
    edges = [edge for edge in graph.in_edges(bundle.id) if edge.slot in _TABLES]
    return Hit(
        at=bundle.at,
        details={
            "model": model_name(graph, first) or "A model",
            "source": source.name if source is not None else "its table",
            "what": "all columns of a type" if "by-type" in bundle.traits else "all columns but some",
        },
        keys=(source.name if source is not None else "",),
        # A query, a request or a caller that is not seen may name the columns, and so may the fit of a model that is
        # only used here, unless it took what there was as well, or one that learns from what was stored in between;
        # who reads the names that are stored may hold others against them, and what is loaded on the way may choose
        # columns by its own list. A model that nobody keeps is a trial.
        confidence=weakest(Confidence.LIKELY if followed else Confidence.HINT, *(edge.confidence for edge in edges)),
        symbol=bundle.symbol,
        trail=(
            *((Stop(read_on_the_way(graph, source, bundle), f"source: {source.name}"),) if source else ()),
            Stop(bundle.at, "columns: whatever is left"),
            Stop(first.at, f"{first.role.value if first.role else 'use'}: {first.name}"),
        ),
        related=tuple(sorted(places))[:_SHOWN],
        variant="" if first.role in LEARNS else "predict",
    )


def _is_kept(source: Node) -> bool:
    """Whether the repository keeps a table that nothing here makes: its columns change by a commit that somebody looks
    at."""
    return source.kind is NodeKind.SOURCE and not source.traits.isdisjoint((EXISTS, MAY_EXIST))


def _learns_at_once(graph: Graph, bundle: Node, use: Node) -> bool:
    """Whether a model learns from these very columns, without a file between."""
    return use.role in LEARNS and use in graph.downstream(bundle.id, EdgeKind.DERIVES, EdgeKind.FITS, EdgeKind.TRAINS)


def _is_of_kept(graph: Graph, bundle: Node, uses: list[Node]) -> bool:
    """Whether a model that is kept learns at once from these columns: it will be asked with them."""
    taught = [use for use in uses if _learns_at_once(graph, bundle, use) and not _may_encode(graph, use)]
    written = any(not _KEEPS.isdisjoint(node.traits) for use in taught for node in graph.successors(use.id))
    return written or any(node.role is Role.PERSIST for use in taught for node in graph.downstream(use.id))


def _is_asked_as_taught(graph: Graph, uses: list[Node]) -> bool:
    """Whether models out of files answer, each of which was fitted here on whatever columns there were, whose names
    nobody kept."""
    if any(use.role in LEARNS for use in uses):
        return False
    fits = [fit for use in uses for fit in fits_behind(graph, use.id)[0] if fit.role in LEARNS]
    taught = [[id for id in _bundles(graph, fit) if _is_open_ended(graph, id)] for fit in fits]
    return bool(taught) and all(ids and not any(_names_are_kept(graph, graph.node(id)) for id in ids) for ids in taught)


def _names_are_kept(graph: Graph, bundle: Node) -> bool:
    """Whether the names of the columns are stored, as a schema beside the model."""
    onward = graph.downstream(bundle.id, EdgeKind.DERIVES, EdgeKind.WRITES, hops=_MOST_STEPS)
    return any("of-names" in node.traits for node in onward)


def _goes_through_a_file(graph: Graph, use: Node) -> bool:
    """Whether an object out of a file stands between the columns and a fit, as a transformer taught elsewhere does."""
    given = (graph.node(edge.source) for edge in graph.in_edges(use.id) if edge.slot == "data")
    return any(node.role in BRINGS_IN and _OBJECT in node.traits for node in given)


def _may_encode(graph: Graph, use: Node) -> bool:
    """Whether nobody knows what is fitted, and it is given no label: an encoder of one column looks the same."""
    return "unsure" in use.traits and not any(edge.slot == "label" for edge in graph.in_edges(use.id))


def _fits(uses: list[Node]) -> bool:
    return any(node.role in LEARNS for node in uses)


def _source(graph: Graph, rows: RowSets, bundle: Node) -> Node | None:
    """The stored table whose rows come to a step, if something is known of its name: the whole of it may be a setting,
    and then it is the file of settings as well, which is no table. Behind what models answer no table is told. Where
    rows are not followed, the only place behind the step."""
    place = rows.read_from(bundle.id, through=lambda node: node.kind is not NodeKind.PREDICTION)
    place = _only_place(graph, bundle) if place is None else place
    if place is None or any(one.form == "config" and one.file == place.name for one in graph.code.settings):
        return None
    return place if _HOLE.sub("", place.name).strip("./") else None


def _only_place(graph: Graph, bundle: Node) -> Node | None:
    """The one place from which data come to a step, whatever rows they are; names of columns are no data of it."""
    places: set[str] = set()
    seen, todo = {bundle.id}, [bundle.id]
    while todo:
        edges = [edge for edge in graph.in_edges(todo.pop()) if not edge.trail or edge.trail[-1].label != ROWS_TOLD]
        places |= {edge.source for edge in edges if edge.kind is EdgeKind.READS}
        onward = {edge.source for edge in edges if edge.slot in ("data", "receiver")} - seen
        if any(graph.node(id).kind is NodeKind.PREDICTION for id in onward):
            return None
        seen |= onward
        todo += sorted(onward)
    return graph.node(*places) if len(places) == 1 else None
