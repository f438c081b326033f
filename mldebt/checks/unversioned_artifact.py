"""A model or data set is saved over one fixed place."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import FLOW, Definition, Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.declared import EXISTS
from mldebt.graph.handovers import function_around, holds_predictions
from mldebt.graph.kept_versions import KEPT, code_of, copies, is_kept_elsewhere, put_out, sent_away, stands_instead
from mldebt.graph.questions import STORES, files_aside, is_ours, named_instead, rows_stored
from mldebt.graph.reach import never_called
from mldebt.graph.replaced import places_served
from mldebt.graph.saved import given_to, has_folders, has_registry, is_by_the_way, is_learned_here, is_under_own_names
from mldebt.graph.tested_code import folders_of_tests
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Purpose, Span, folders_above
from mldebt.trail import MAX_STOPS, Stop

_FILES = frozenset({Store.FILE, Store.OBJECT})
_VERSION = re.compile(
    r"(?:^|[-_./@])v\d+(?:\.\d+)*(?=$|[-_./@])|\d{4}[-_]?\d{2}[-_]?\d{2}|\d+\.\d+\.\d+", re.IGNORECASE
)
_PASSING = ("artifact:file:temporary:", "artifact:file:home:")
_TEXTS = frozenset({"tuned parameters", "a data set"})
_NAMED = 2
_NEAR = 3  # lines from the end of one call to the next
FITTED = "-2"
"""The part of a fit that is the fitted thing itself."""
_ASKED = frozenset({"option", "env"})
_MAKES_ROWS = frozenset({Role.COMBINE, Role.READ, Role.SPLIT, Role.SELECT})
_GIVES_ROWS = _MAKES_ROWS | {Role.DERIVE, Role.TRANSFORM}
_FITTED = frozenset({Role.FIT, Role.SEARCH, Role.LOAD, Role.FIT_TRANSFORM, Role.CONSTRUCT})
_LEARNS = frozenset({Role.FIT, Role.SEARCH, Role.FIT_TRANSFORM})


@dataclass(frozen=True, slots=True)
class _Save:
    """One place that saves an artifact, and what it saves."""

    step: Node
    at: Span
    what: str


@dataclass(frozen=True, slots=True)
class _Use:
    """One save of an artifact with what comes of it: the steps of ours that read it, the functions in which it is
    saved, the roles of all that is made of it, whether it was learned here, and whether a file that does not make it
    reads it."""

    artifact: Node
    save: _Save
    readers: tuple[Node, ...]
    functions: tuple[Definition, ...]
    roles: frozenset[Role | None]
    learned: bool
    handed_on: bool

    @property
    def around(self) -> list[Node]:
        """The readers in the function that saves it."""
        return [node for node in self.readers if code_of(node) == code_of(self.save.step)]


_Saved = list[tuple[Node, tuple[_Save, ...]]]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each artifact, at the first place that saves it; neighbouring lines of one function that save
    things of one kind are one, and so are the data sets below one folder at the top."""
    kept, helpers = sent_away(graph) | put_out(graph), _helpers(graph)
    aside, tested = files_aside(graph), folders_of_tests(graph)
    groups: dict[Span, _Saved] = {}
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if artifact.name.startswith(tested) or not _is_fixed(artifact):
            continue
        if not _is_kept(artifact, kept) and not _grows(graph, artifact):
            saves = tuple(save for save in _saves(graph, artifact, helpers) if save.at.path not in aside)
            if saves:
                groups.setdefault(saves[0].at, []).append((artifact, saves))
    for together in _by_folder(graph, _side_by_side(graph, groups)):
        yield _hit(graph, together)


def _by_folder(graph: Graph, groups: Iterable[_Saved]) -> Iterator[_Saved]:
    """The data sets below one folder at the top together, as whoever keeps versions keeps those of the folder."""
    found: dict[object, _Saved] = defaultdict(list)
    for together in groups:
        folders = {posixpath.dirname(node.id).partition("/")[0] for node, _ in together}
        ours = all(saves[0].what == "a data set" and EXISTS not in node.traits for node, saves in together)
        whole = ours and len(folders) == 1
        found[(*folders, _surest(graph, together)) if whole else together[0][1][0].at].extend(together)
    yield from found.values()


def _side_by_side(graph: Graph, groups: dict[Span, _Saved]) -> Iterator[_Saved]:
    """What is saved in one go: at one place, or a few lines below it by the same function."""
    found: _Saved = []
    for at in sorted(groups):
        sure = not found or _surest(graph, found[-1:]) is _surest(graph, groups[at])
        if found and not (sure and _is_saved_with(graph, found[-1][1][0], groups[at][0][1][0])):
            yield found
            found = []
        found = [*found, *groups[at]]
    if found:
        yield found


def _is_saved_with(graph: Graph, one: _Save, other: _Save) -> bool:
    """Whether the other follows a few lines below, as a thing of the same kind, in the same function."""
    same = (one.at.path, one.at.cell) == (other.at.path, other.at.cell)
    near = same and other.at.line - max(one.at.line, one.at.end_line) <= _NEAR
    return near and one.what == other.what and function_around(graph, one.at) == function_around(graph, other.at)


def _grows(graph: Graph, artifact: Node) -> bool:
    """Whether something is appended to it, too: what starts such a file loses nothing."""
    return any("appends" in graph.node(edge.source).traits for edge in graph.in_edges(artifact.id, EdgeKind.WRITES))


def _is_fixed(artifact: Node) -> bool:
    """Whether the same place is meant in each run, as far as its name tells."""
    folder, name = posixpath.split(artifact.name)
    open_parts = "{" in posixpath.dirname(artifact.id) + folder + name.replace("{}", "")
    lasting = artifact.store in _FILES and not artifact.id.startswith(_PASSING)
    return lasting and not artifact.traits & KEPT and not open_parts and not _VERSION.search(artifact.id)


def _is_kept(artifact: Node, kept: frozenset[str]) -> bool:
    return artifact.id in kept or any(folder in kept for folder in folders_above(artifact.id))


def _helpers(graph: Graph) -> frozenset[Span]:
    """Writes that several call sites use, each for a thing of its own."""
    ours = graph.files_of(Purpose.PRODUCTION)
    callers: dict[Span, dict[Span, set[str]]] = defaultdict(lambda: defaultdict(set))
    for edge in graph.edges(EdgeKind.WRITES):
        step = graph.node(edge.source)
        for site in step.chain[:1]:
            callers[step.at][site].add(edge.target)
    return frozenset(
        at for at, sites in callers.items()
        if {site.path for site in sites} <= ours and len({frozenset(written) for written in sites.values()}) > 1
    )  # fmt: skip


def _saves(graph: Graph, artifact: Node, helpers: frozenset[Span]) -> tuple[_Save, ...]:
    """The places that save it, in the order of files, notebooks last; equal places once."""
    found: dict[Span, _Save] = {}
    for step in graph.predecessors(artifact.id, EdgeKind.WRITES):
        what = _what(graph, step) if is_ours(step) else ""
        if what:
            at = _place(step, graph.in_edges(artifact.id, EdgeKind.WRITES), helpers)
            found.setdefault(at, _Save(step, at, what))
    return tuple(found[at] for at in sorted(found, key=lambda at: (found[at].what == "an object", bool(at.cell), at)))


def _place(step: Node, writes: tuple[Edge, ...], helpers: frozenset[Span]) -> Span:
    """The call that writes, when it stands in the same file as the code that asks for it; the call of a
    helper that serves several."""
    if step.at in helpers and step.chain:
        return step.chain[0]
    own = [edge.at for edge in writes if edge.source == step.id and edge.at != step.at]
    return own[0] if own and (own[0].path == step.at.path or step.chain[:1] != (step.at,)) else step.at


def _what(graph: Graph, step: Node) -> str:
    """What a step saves, in words; empty for reports, plots, scores, and for what a tracker keeps."""
    edges = given_to(graph, step)
    sources = [graph.node(edge.source) for edge in edges]
    kept = step.traits & {"versioned", "per-run", "plot", "appends"}
    if kept or any(_is_tracked(graph, edge) for edge in edges):
        return ""
    roles = {_gives(edge, source) for edge, source in zip(edges, sources, strict=True)}
    mixed = step.callee.startswith("?") and bool(roles & _MAKES_ROWS)  # rows that a model has had a say in
    fitted = bool(roles & _FITTED) and not mixed and not step.callee.startswith(("table.", "column."))
    if roles == {Role.SEARCH} and "form:dict" in step.traits:
        return "tuned parameters"
    if not roles and "holds-model" in step.traits:
        return "a model"
    if step.role is Role.PERSIST:
        if (roles & _MAKES_ROWS and roles <= _GIVES_ROWS) or step.at in rows_stored(graph):
            return "a data set"
        model = not roles or fitted or any(one.kind in (NodeKind.MODEL, NodeKind.TRANSFORM) for one in sources)
        return "a model" if model or roles & {Role.CONSTRUCT, Role.LOAD} else "an object"
    if "keeps-data" not in step.traits:
        return "tuned parameters" if roles and roles <= {Role.SEARCH} else ""
    arrays = "stores-arrays" in step.traits
    if fitted and arrays and Role.PREDICT not in roles:
        return "an object"  # what came of a training, as numbers
    if fitted and roles & _GIVES_ROWS and all(one.kind is NodeKind.TRANSFORM for one in sources if one.role in _FITTED):
        return "an object"  # rows that a transformer has made, or the names of the columns it has chosen
    if fitted and not arrays and (_holds_model(sources) or not roles & {Role.PREDICT, Role.EVALUATE, Role.TRANSFORM}):
        return "a model"
    if Role.PREDICT in roles:
        return "predictions"
    if Role.EVALUATE in roles:
        return ""
    if holds_predictions(graph, step):
        return "predictions"
    unknown = "form:pickle" in step.traits and roles == {Role.READ}  # loaded and kept again, whatever it is
    return "a data set" if sources and not unknown else "an object"


def _holds_model(sources: Iterable[Node]) -> bool:
    """Whether a model itself is stored, be it with figures of it beside it that no scores are among."""
    given = list(sources)
    return any(one.kind is NodeKind.MODEL for one in given) and all(one.role is not Role.EVALUATE for one in given)


def _gives(edge: Edge, source: Node) -> Role | None:
    """The role of what is taken of a source: what a transformer gives back when it is fitted are rows, and so are the
    vectors of texts."""
    rows = (source.role is Role.FIT_TRANSFORM and edge.part != FITTED) or "embeds" in source.traits
    return Role.TRANSFORM if rows else source.role


def _is_tracked(graph: Graph, given: Edge) -> bool:
    """Whether the same thing is also logged to a run or a registry that keeps versions, or saved by the same function
    under a name of its own in each run."""
    others = [edge for edge in graph.out_edges(given.source) if edge.slot in ("data", "model")]
    beside = [graph.node(edge.target) for edge in others if edge.part == given.part and edge.target != given.target]
    step = graph.node(given.target)
    return any(
        "versioned" in graph.node(edge.target).traits for edge in others if graph.node(edge.target).role is Role.PERSIST
    ) or any(is_under_own_names(graph, one) for one in beside if code_of(one) == code_of(step))


def _confidence(graph: Graph, artifact: Node, save: _Save) -> Confidence:
    """Likely for what is learned here, for predictions that another component reads, and for data that another file
    reads and something learns from or predicts with."""
    use = _use(graph, artifact, save)
    excuses = (_goes_elsewhere, _may_be_kept, _is_for_show, _is_not_run, _is_made_again, _stays_where_it_is_made)
    if any(excuse(graph, use) for excuse in excuses):
        return Confidence.HINT
    edges = [edge for edge in graph.in_edges(artifact.id, EdgeKind.WRITES) if edge.source == save.step.id]
    return weakest(Confidence.LIKELY, *(edge.confidence for edge in edges))


def _use(graph: Graph, artifact: Node, save: _Save) -> _Use:
    readers = [node for node in graph.successors(artifact.id, EdgeKind.READS) if is_ours(node) and node.role]
    own = {step.at.path for step in graph.predecessors(artifact.id, EdgeKind.WRITES)}  # each reads back what it made
    functions = [function_around(graph, at) for at in (save.step.at, save.at, *save.step.chain)]
    return _Use(
        artifact,
        save,
        tuple(readers),
        tuple(function for function in functions if function is not None),
        roles=frozenset(node.role for node in graph.downstream(artifact.id, *FLOW)),
        learned=save.what in ("a model", "tuned parameters") and is_learned_here(graph, save.step),
        handed_on=any(node.at.path not in own for node in readers),
    )


def _goes_elsewhere(graph: Graph, use: _Use) -> bool:
    """Whether whoever runs it may name another place, or it is put together here and kept where it is copied to."""
    step = use.save.step
    settings = [graph.node(e.source) for e in graph.in_edges(step.id, EdgeKind.CONFIGURES) if e.slot == ""]
    asked = any(setting.traits & _ASKED for setting in settings) or (bool(settings) and has_folders(graph, step))
    copied = any(_moves_on(graph, node) for node in use.around)
    return asked or copied or named_instead(graph, step, use.artifact) or is_kept_elsewhere(graph, step, use.save.at)


def _may_be_kept(graph: Graph, use: _Use) -> bool:
    """Whether something not seen here may keep it: the history of the repository, what a tool tracks, a notebook that
    alone knows it, a decorator nobody knows, a registry. Of an object it is not even known what it holds."""
    traits, what = use.artifact.traits, use.save.what
    taught = what == "a data set" and not use.roles.isdisjoint(_LEARNS)
    seen = (EXISTS in traits and what in _TEXTS and not taught) or "maybe-versioned" in traits
    noted = bool(use.save.at.cell) and not use.readers
    unknown = what == "an object" and (Role.PREDICT not in use.roles or has_registry(graph))
    return seen or noted or unknown or any("?" in function.made for function in use.functions)


def _is_for_show(graph: Graph, use: _Use) -> bool:
    """Whether nothing learns from it or predicts with it, or it is only tried out or looked at in notebooks."""
    save, of_models = use.save, use.learned or Role.PREDICT in use.roles
    abroad = any(node.component != save.step.component and not node.at.cell for node in use.readers)
    given = {_gives(edge, graph.node(edge.source)) for edge in graph.in_edges(save.step.id) if edge.slot == "data"}
    scored = save.what == "predictions" and abroad and Role.EVALUATE not in given
    looked_at = bool(use.readers) and all(node.at.cell for node in use.readers)
    return not (of_models or scored or use.roles & _LEARNS) or (looked_at and bool(save.at.cell or not of_models))


def _is_not_run(graph: Graph, use: _Use) -> bool:
    """Whether nobody runs the code that saves it; of what a service takes it matters only what is asked before."""
    served = use.save.what == "a model" and use.artifact.id in places_served(graph)
    return served or any((function.path, function.name) in never_called(graph) for function in use.functions)


def _is_made_again(graph: Graph, use: _Use) -> bool:
    """Whether it is made once and taken as it is from then on, or can be made again as it was."""
    step = use.save.step
    if "where-missing" in step.traits or any(stands_instead(node, step) for node in use.readers):
        return True
    if (is_by_the_way(graph, step) and not use.handed_on) or _is_untaught(graph, step):
        return True
    return not use.readers and EXISTS not in use.artifact.traits and _is_used_up(graph, step)


def _stays_where_it_is_made(graph: Graph, use: _Use) -> bool:
    """Whether the code that writes it also reads it, as a cache, and no other file takes what was learned; or nobody
    else takes what was not."""
    return not (use.learned or use.handed_on) or (bool(use.around) and not (use.learned and use.handed_on))


def _is_used_up(graph: Graph, step: Node) -> bool:
    """Whether what is saved has said what it is there to say: the program that made it stores what it predicts, and
    nothing here takes it from there."""
    stores = (one for one in graph.reached(edge.source for edge in given_to(graph, step)) if one.role is Role.WRITE)
    told = [one for one in stores if _what(graph, one) == "predictions"]
    places = (place for one in told for place in graph.successors(one.id, EdgeKind.WRITES))
    return bool(told) and not any(graph.out_edges(place.id, EdgeKind.READS) for place in places)


def _is_untaught(graph: Graph, step: Node) -> bool:
    """Whether what is saved was only made, and nothing was done with it: it can be made again as it was."""
    given = [graph.node(edge.source) for edge in given_to(graph, step)]
    return bool(given) and all(one.role is Role.CONSTRUCT and _is_idle(graph, one) for one in given)


def _is_idle(graph: Graph, made: Node) -> bool:
    return all(graph.node(edge.target).role in STORES for edge in graph.out_edges(made.id))


def _moves_on(graph: Graph, step: Node) -> bool:
    """Whether a step copies to a place that is another one in each run."""
    return copies(step) and not any(_is_fixed(one) for one in graph.successors(step.id, EdgeKind.WRITES))


def _readers(graph: Graph, artifact: Node) -> tuple[Stop, ...]:
    """Who reads it, each line once: a function that loads and what it loads into stand at the same one. Tests aside."""
    aside = files_aside(graph)
    found: dict[tuple[str, int, int], Stop] = {}
    for edge in (edge for edge in graph.out_edges(artifact.id, EdgeKind.READS) if edge.at.path not in aside):
        stop = Stop(edge.at, f"read: {graph.node(edge.target).name}")
        found.setdefault((edge.at.path, edge.at.cell, edge.at.line), stop)
    return tuple(found.values())


def _surest(graph: Graph, together: _Saved) -> Confidence:
    return min((_confidence(graph, node, saves[0]) for node, saves in together), key=tuple(Confidence).index)


def _hit(graph: Graph, together: _Saved) -> Hit:
    artifact, saves = together[0]
    names = _listed([node.name for node, _ in together])
    first, what = saves[0], _in_words(graph, [saves[0] for _, saves in together])
    around = function_around(graph, first.at)
    files = list(dict.fromkeys(posixpath.basename(saves[0].at.path) for _, saves in together))
    name, symbol = _listed(files), around.name if around and len(files) == 1 else ""
    words = {save: _in_words(graph, [save]) for _, saves in together for save in saves}
    others = [(node, save) for node, saves in together for save in saves if save.at != first.at]
    told = {save.at: Stop(save.at, f"write: {_told(words[save], node, artifact)}") for node, save in reversed(others)}
    related = tuple(reversed(told.values()))  # a place that saves several is told once, with the first of them
    readers = dict.fromkeys(stop for node, _ in together for stop in _readers(graph, node))
    return Hit(
        at=first.at,
        details={"producer": f"{symbol} in {name}" if symbol else name, "what": what, "artifact": names},
        keys=tuple(sorted(node.id for node, _ in together)),
        confidence=_surest(graph, together),
        symbol=symbol,
        trail=(Stop(first.at, f"write: {what} to {names}"), *related, *readers)[:MAX_STOPS],
        related=related,
        variant="committed" if all(EXISTS in node.traits for node, _ in together) else "several" * (len(files) > 1),
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _in_words(graph: Graph, saves: list[_Save]) -> str:
    """What is saved together; what only transforms is no model."""
    return " and ".join(dict.fromkeys("a transformer" if _transforms(graph, one) else one.what for one in saves))


def _transforms(graph: Graph, save: _Save) -> bool:
    sources = [graph.node(edge.source) for edge in given_to(graph, save.step)]
    made = "form:transformer" in save.step.traits
    shaped = (one.kind is NodeKind.TRANSFORM or (made and one.role is Role.CONSTRUCT) for one in sources)
    return save.what == "a model" and bool(sources) and all(shaped)


def _told(what: str, node: Node, first: Node) -> str:
    return f"{what} to the same place" if node.id == first.id else f"{what} to {node.name}"
