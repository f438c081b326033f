"""Settings that reach training or serving, and at which nothing looks before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import DefinedSetting, EdgeKind, Graph, Node, NodeKind, SettingRead
from mldebt.graph.handovers import components_by_file, entry_file, function_around
from mldebt.graph.pipelines import declared_steps
from mldebt.graph.program_copies import by_program
from mldebt.graph.questions import files_aside
from mldebt.graph.reach import never_called, stands_in_dead
from mldebt.graph.served import answering
from mldebt.graph.settings_files import Written
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_SHOWN = 3
_SURENESS = tuple(Confidence)
_APART = 2
_FEWEST_READS = 3
_LEARNS = frozenset({Role.CONSTRUCT, Role.FIT, Role.FIT_TRANSFORM, Role.SEARCH, Role.SPLIT})
_FINDS = frozenset({Role.READ, Role.LOAD})
_USES = _LEARNS | _FINDS | {Role.PREDICT, Role.TRANSFORM}
_TABLE, _SEARCH, _CONNECTS = "gives:table", "search", "store:"
_OF_MODELS = (NodeKind.MODEL, NodeKind.PREDICTION)
_MODELS = _LEARNS | {Role.LOAD, Role.PREDICT, Role.PERSIST, Role.SERVE}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each settings file, and for the variables that a function reads."""
    loads: dict[tuple[str, ...], list[Hit]] = defaultdict(list)
    for hit in _of_loads(graph):
        loads[hit.keys].append(hit)
    dead = never_called(graph)
    for hit in (*_of_copies(graph, [_of_file(found) for found in loads.values()]), *_of_variables(graph)):
        idle = stands_in_dead(dead, hit.at.path, hit.symbol)  # what nothing calls is told of as such
        yield replace(hit, confidence=Confidence.HINT) if idle else hit


def _of_file(loads: list[Hit]) -> Hit:
    """All loads of one file in one hit, as one class mends them all: told of the surest, before one in a notebook."""
    first = min(loads, key=lambda one: (_SURENESS.index(one.confidence), bool(one.at.cell), one.at))
    again = tuple(replace(one.trail[0], label=f"loaded again: {one.details['path']}") for one in loads if one != first)
    return replace(first, trail=(*first.trail, *again)[:MAX_STOPS], related=(*again, *first.related)[:MAX_STOPS])


def _of_copies(graph: Graph, hits: list[Hit]) -> Iterator[Hit]:
    """Files that code of several components loads alike, each in the same place of its own: copies of one program."""
    home = components_by_file(graph)
    alike: dict[tuple[object, ...], dict[str, Hit]] = defaultdict(dict)
    for hit in hits:
        below = f"{home.get(hit.at.path, '')}/"
        own = (path.removeprefix(below) for path in (hit.details["path"], hit.at.path))
        key = (*own, hit.details["consumer"], hit.confidence)
        alike[key][hit.at.path] = hit
    copied = ([found[path] for path in paths] for found in alike.values() for paths in by_program(graph, found))
    for first, *others in copied:
        again = tuple(Stop(hit.at, f"load of a copy: {hit.details['path']}") for hit in others)
        yield replace(first, trail=(*first.trail, *again)[:MAX_STOPS], related=(*again, *first.related)[:MAX_STOPS])


def _of_loads(graph: Graph) -> Iterator[Hit]:
    loads: dict[Span, list[DefinedSetting]] = defaultdict(list)
    for one in graph.code.settings:
        for place in one.loaded_by if one.form == "config" else ():
            loads[place].append(one)
    used = _used(graph)
    aside = files_aside(graph)
    written = Written(graph)
    serving = {node.component for node in graph.nodes(NodeKind.PREDICTION, NodeKind.MODEL, NodeKind.ENDPOINT)}
    reads: dict[str, set[Span]] = defaultdict(set)
    asking: dict[str, set[str]] = defaultdict(set)
    for read in graph.code.setting_reads:
        for file in read.files if read.how == "config" else ():
            asking[file].add(read.at.path)
            if read.component in serving:
                reads[file].add(read.at)
    tasks = {node.at for node in declared_steps(graph)}
    functions = answering(graph)
    told: dict[tuple[str, int, str], int] = {}
    for place, keys in sorted(loads.items()):
        if place in graph.scrutiny.looked_at or keys[0].purpose is not Purpose.PRODUCTION or place.path in aside:
            continue
        file = _told(keys, used)
        results = written.holds(file)
        own = [one for one in keys if any(at.path == place.path for at in one.read_at)]
        if own or place.path in asking[file]:
            # Another file that loads the same settings takes other ones; who loads none is handed some.
            keys = [one for one in keys if one in own or _is_handed_on(one)]
        here = [one for one in keys if one.file == file]
        targets = _reached(graph, place, here, used, results=results) if keys else []
        targets += [node for node in _reached(graph, place, keys, used, results=results) if node not in targets]
        asked = sorted(at for at in reads[file] if at.path == place.path)
        load = (place.path, place.cell, file)
        if load in told and place.line - told[load] <= _APART:
            continue  # a decorator and the parameter that it fills
        if targets or (len(asked) >= _FEWEST_READS and not results):
            told[load] = place.line
            columns = results and all("composite" in node.traits for node in targets)
            hit = _of_load(graph, place, file, targets, asked, by_task=place in tasks or columns)
            yield hit if targets else _of_asking(hit, answers=_is_asked_to_answer(graph, asked, functions))


def _told(keys: list[DefinedSetting], used: dict[Span, list[Node]]) -> str:
    """The file that a load is told of: of several that are put together, the one of which most goes into steps; that
    they find a file counts less."""
    files = sorted({one.file for one in keys})
    roles = {file: [node.role for one in keys if one.file == file for node in used.get(one.at, ())] for file in files}
    steps = {file: [sum(role in among for role in roles[file]) for among in (_USES - _FINDS, _USES)] for file in files}
    return max(files, key=lambda file: steps[file])


def _of_load(
    graph: Graph, place: Span, file: str, targets: list[Node], asked: list[Span], *, by_task: bool
) -> Hit:
    """`by_task`: what runs the pipeline loads the file, and hands its settings to a task; or a task makes the file,
    with the names of columns for another one."""
    steps = dict.fromkeys(Stop(node.at, f"configures: {node.name}") for node in targets)
    reached = list(steps) or [Stop(at, "asks for") for at in asked]
    sure = [node for node in targets if not _says_so_itself(node) and _is_of_model(graph, node)]
    what = (sure or targets)[0].name.removeprefix("?.") if targets else place.path
    return Hit(
        at=place,
        details={"path": file, "consumer": what, "setting": "", "function": ""},
        keys=("file", file),
        confidence=Confidence.LIKELY if sure and not by_task else Confidence.HINT,
        trail=(Stop(place, f"load: {file}"), *reached)[:MAX_STOPS],
        related=tuple(reached[:MAX_STOPS]),
    )


def _says_so_itself(step: Node) -> bool:
    """Whether a step fails at once by what is wrong: a file that is not there, a database that does not answer, a
    search of settings for what is no parameter."""
    connects = step.role is Role.CONSTRUCT and any(trait.startswith(_CONNECTS) for trait in step.traits)
    return step.role in _FINDS or connects or _SEARCH in step.traits


def _of_asking(hit: Hit, *, answers: bool) -> Hit:
    """A file of which code asks for keys, without a step that they go into. JSON may hold data."""
    if not answers:
        return hit
    sure = Confidence.HINT if hit.details["path"].endswith(".json") else Confidence.LIKELY
    return replace(hit, confidence=sure, details={**hit.details, "consumer": "the code that serves"})


def _is_asked_to_answer(graph: Graph, asked: list[Span], functions: frozenset[str]) -> bool:
    """Whether keys are asked for where a request goes through; a file that is imported may ask elsewhere."""
    around = (function_around(graph, at) for at in asked)
    return any(one is not None and one.id in functions for one in around)


def _is_handed_on(one: DefinedSetting) -> bool:
    """Whether a key is only asked for in files that do not load it."""
    return bool(one.read_at) and not {at.path for at in one.read_at} & {at.path for at in one.loaded_by}


def _reached(
    graph: Graph, place: Span, keys: list[DefinedSetting], used: dict[Span, list[Node]], *, results: bool
) -> list[Node]:
    """The steps of the file that loads, or of those that read there, which the settings go into: in programs that run
    this load."""
    roles, running = _LEARNS if results else _USES, _programs(graph, place.path)
    loaders = {at.path for one in keys for at in one.loaded_by}  # who loads it answers for the steps of its own
    readers = {at.path for one in keys for at in one.read_at} - loaders | {place.path}
    found = {
        node.id: node for one in keys for node in used.get(one.at, ()) if node.role in roles and node.at.path in readers
    }
    ours = (found[id] for id in sorted(found))
    return [node for node in ours if running & _programs(graph, entry_file(node))]


def _programs(graph: Graph, path: str) -> frozenset[str]:
    """A file, and all that import it, straight or through others."""
    users: dict[str, list[str]] = defaultdict(list)
    for use in graph.code.local_imports:
        users[use.path].append(use.at.path)
    found, todo = {path}, [path]
    while todo:
        fresh = [user for user in users[todo.pop()] if user not in found]
        found.update(fresh)
        todo += fresh
    return frozenset(found)


def _of_variables(graph: Graph) -> Iterator[Hit]:
    """Sure where a text that names data or a model holds the value, or one in code that trains or serves, or in the
    settings of such code, of a program that has to do with models."""
    used, modelling = _used(graph), {node.at.path for node in graph.nodes() if node.role in _MODELS}
    models, home = {node.component for node in graph.nodes() if _is_of_models(node)}, components_by_file(graph)
    modelling |= {use.path for use in graph.code.local_imports if use.at.path in modelling}
    for first, *others in _read_together(graph, used):
        told = {one.name for one in first}
        again = [one for reads in others for one in reads if one is reads[0] or one.name not in told]
        targets = [node for one in first for node in used.get(one.at, ())]
        reached = any(node.role in _USES and not _is_answer(graph, node) for node in targets)
        ours = any(one.at.path in modelling for one in (*first, *again))
        hit = _of_reads(graph, first, again, used)
        counts = any(home.get(path) in models for path in _programs(graph, hit.at.path))
        yield hit if counts and (ours or reached) else replace(hit, confidence=Confidence.HINT)


def _read_together(graph: Graph, used: dict[Span, list[Node]]) -> list[list[list[SettingRead]]]:
    """The variables that functions read and look at nowhere, those of one function together, with the functions that
    read the same ones; first those that somebody calls."""
    groups: dict[tuple[str, str], list[SettingRead]] = defaultdict(list)
    for one in graph.code.setting_reads:
        open_ended = one.how == "env" and not one.has_default and one.at not in graph.scrutiny.looked_at
        if open_ended and one.purpose is Purpose.PRODUCTION and (used.get(one.at) or one.at in graph.scrutiny.spliced):
            groups[one.at.path, one.symbol].append(one)
    alike: list[list[list[SettingRead]]] = []
    dead = never_called(graph)
    for found in sorted(groups.values(), key=lambda reads: (_is_idle(dead, reads[0]), reads[0].at)):
        met = next((together for together in alike if _are_together(together[0], found)), None)
        if met is None:
            alike.append([found])
        else:
            met.append(found)
    return alike


def _is_of_models(node: Node) -> bool:
    """Whether a program with such a node has to do with models, or with tables of data; who only logs in has not."""
    return node.kind in _OF_MODELS or node.role is Role.LOAD or _TABLE in node.traits


def _is_idle(dead: frozenset[tuple[str, str]], read: SettingRead) -> bool:
    return stands_in_dead(dead, read.at.path, read.symbol)


def _are_together(told: list[SettingRead], found: list[SettingRead]) -> bool:
    """Whether two functions read the same variables, or one of those that another of their file reads."""
    names, others = ({one.name for one in reads} for reads in (told, found))
    beside = told[0].at.path == found[0].at.path and bool(names & others)
    return told[0].component == found[0].component and (beside or names == others)


def _of_reads(graph: Graph, found: list[SettingRead], again: list[SettingRead], used: dict[Span, list[Node]]) -> Hit:
    """The variables that one function reads, and where others of its component read the same ones."""
    spliced = any(one.at in graph.scrutiny.spliced for one in (*found, *again))
    # What is not put into a text has to be one itself, and fails where it is None.
    found = [one for one in found if one.at in graph.scrutiny.spliced] or found
    targets = list({node.id: node for one in found for node in used.get(one.at, ())}.values())
    targets.sort(key=lambda node: node.kind is NodeKind.FEATURE)  # a column holds the value as it is, no text with it
    names = list(dict.fromkeys(one.name for one in found))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    others = (Stop(one.at, f"reads: {one.name}") for one in (*found[1:], *again))
    stops = (*(Stop(one.at, f"reads: {one.name}") for one in found),
             *(Stop(node.at, f"goes into: {node.name}") for node in targets),
             *(Stop(one.at, f"reads: {one.name}") for one in again))  # fmt: skip
    return Hit(
        at=found[0].at,
        details={
            "setting": ", ".join(names[:_SHOWN]) + more,
            "function": found[0].symbol or found[0].at.path,
            "consumer": f"{'the text for ' * spliced}{targets[0].name.removeprefix('?.')}" if targets else "a text",
            "path": "",
        },
        keys=("variables", *sorted(names)),
        confidence=Confidence.LIKELY if spliced else Confidence.HINT,
        symbol=found[0].symbol,
        trail=tuple(dict.fromkeys(stops))[:MAX_STOPS],
        related=tuple(others)[:MAX_STOPS],
        variant="text" if spliced else "variable",
    )


def _is_of_model(graph: Graph, step: Node) -> bool:
    """Whether a step is one of a model, or makes what goes into one: what starts a pipeline is made as well."""
    if step.role is not Role.CONSTRUCT or step.kind is not NodeKind.STEP:
        return True
    return any(after.role in _USES - {Role.CONSTRUCT} for after in graph.downstream(step.id))


def _is_answer(graph: Graph, step: Node) -> bool:
    """Whether a step asks an address of the network, which says itself what it makes of the word None."""
    return any(place.store is Store.URL for place in graph.predecessors(step.id, EdgeKind.READS))


def _used(graph: Graph) -> dict[Span, list[Node]]:
    """The steps that settings go into, by the place of the setting."""
    found: dict[Span, list[Node]] = defaultdict(list)
    for edge in graph.edges(EdgeKind.CONFIGURES):
        source, target = graph.node(edge.source), graph.node(edge.target)
        if source.kind is NodeKind.SETTING and target.role is not None:
            found[source.at].append(target)
    return found
