"""What a pipeline declares and what its code does disagree."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Invocation, Node, NodeKind
from mldebt.graph.absent_code import AbsentCode
from mldebt.graph.declared import MISSING, OPAQUE, DeclaredStep, Doing, Done, steps_of_files
from mldebt.graph.handovers import entry_file
from mldebt.graph.near_names import likeness
from mldebt.roles import Confidence, weakest
from mldebt.source import Span, folders_above
from mldebt.trail import MAX_STOPS, Stop

_FORMS = frozenset({"stages", "make", "rules"})
_UPLOADS = frozenset({"uploads", "uploads-folder"})
_CODE = (".py", ".ipynb")
_HELP = frozenset({"-h", "--help"})
_OTHER = {"then": "else", "else": "then"}  # the arms of a branch
MOST_NAMED = 4
_UNSEEN = "code that is not followed gives the step another path"
_ELSEWHERE = "another script of this name is run, or something changes its words before it reads them"
_BROUGHT = "something outside this repository puts the code there before it is run"
_IDLE = "what the step gives does not depend on it"
_KEPT = "the output is kept from run to run (`persist`)"
_ORDERED = "another definition lets what reads it run after this step"


def check(graph: Graph) -> Iterator[Hit]:
    """For each step: what it declares and cannot find, what its code does instead, and what it does besides."""
    doing = Doing(graph)
    steps = [step for step in steps_of_files(graph) if step.form in _FORMS and not _is_template(step)]
    listing, alike = _listing(steps), _by_program(steps)
    imports: dict[str, list[Hit]] = defaultdict(list)
    for group in _groups(steps):
        first = group[0]
        yield from _lost(graph, first)
        if any(step.takes or step.gives for step in group) and first.runs:
            others = _stages_beside(first, steps)
            yield from _accesses(graph, doing, group, alike[tuple(sorted(first.runs))], others)
            yield from _into_others(doing, group, others)
            if first.form == "stages":
                yield from _script(graph, first, sure=first.node.at.path in listing)
                imports[first.node.at.path] += _imported(graph, doing, first)
    yield from (_together(hits) for hits in imports.values() if hits)
    yield from _parameters(graph)
    yield from _options(graph)
    yield from _absent(graph)


def _is_template(step: DeclaredStep) -> bool:
    """Whether it stands in a folder whose name is still to be filled in: its paths mean nothing yet."""
    return "{{" in step.node.at.path


def _listing(steps: Iterable[DeclaredStep]) -> frozenset[str]:
    """The definitions most of whose steps list the scripts that they run."""
    told: dict[str, list[bool]] = defaultdict(list)
    for step in steps:
        if step.runs:
            told[step.node.at.path].append(all(step.covers(file, given=False) for file in step.runs))
    return frozenset(path for path, ones in told.items() if 2 * sum(ones) >= len(ones))


def _groups(steps: Iterable[DeclaredStep]) -> Iterator[list[DeclaredStep]]:
    """Steps of one definition that run the same files: what one of them declares, the others may do."""
    found: dict[object, list[DeclaredStep]] = defaultdict(list)
    for step in steps:
        found[step.node.at.path, tuple(sorted(step.runs)) or step.node.id].append(step)
    yield from found.values()


def _by_program(steps: Iterable[DeclaredStep]) -> dict[tuple[str, ...], list[DeclaredStep]]:
    """The steps of all definitions by the files they run: which of them does what, their arguments may decide."""
    found: dict[tuple[str, ...], list[DeclaredStep]] = defaultdict(list)
    for step in steps:
        found[tuple(sorted(step.runs))].append(step)
    return found


def _lost(graph: Graph, step: DeclaredStep) -> Iterator[Hit]:
    """Code that a step declares and that is not there, unless its command fails on it already."""
    run = {one.said for one in graph.code.absent if one.step == step.node.name and one.at.path == step.node.at.path}
    for path, edge in sorted(step.takes.items()):
        node = graph.node(edge.source)
        code = path.endswith(_CODE) and "{" not in path  # a pattern names whatever is there
        made = graph.in_edges(node.id, EdgeKind.DECLARES)
        if code and path not in run and not made and node.kind is NodeKind.SOURCE and "exists" not in node.traits:
            details = {"step": step.node.name, "path": path}
            yield _hit(step, "gone", edge.at, details, Confidence.CERTAIN, [Stop(edge.at, f"declare: {path}")])


def _accesses(
    graph: Graph, doing: Doing, group: list[DeclaredStep], alike: list[DeclaredStep], others: Collection[DeclaredStep]
) -> Iterator[Hit]:
    """What the code of steps reads or writes beside what they, or others that run the same (`alike`), declare; a path
    that is declared, that it leaves out and whose name is nearly that of one it uses, is told with it."""
    files = {one.path for one in graph.code.definitions if one.kind == "module"}
    done = [one for step in group for one in doing.accesses(step) if not _is_in_one(files, one.path)]
    made = {one.path for one in done if one.writes}
    said = {(one.step.id, one.path) for one in done if _is_declared(graph, alike, one)}
    # Of several paths of one access only one is taken: where one of them is declared, it is that one.
    settled = {id for id, _ in said}
    beside = [
        one for one in done
        if (one.step.id, one.path) not in said and (one.writes or one.path not in made)
        and not (one.step.id in settled and one.edge.confidence is not Confidence.CERTAIN)
        and not _is_of_another(group, others, one)
    ]  # fmt: skip
    kept = [one.step for one in done if (one.step.id, one.path) in said]
    beside = [one for one in beside if one.writes or not _is_instead(one.step, kept)]
    told: set[str] = set()
    for step in group:
        for one, declared in _mistaken(graph, step, done, beside):
            told.add(one.path)
            edge = (step.gives if one.writes else step.takes)[declared]
            details = {"step": step.node.name, "path": declared, "artifact": one.path, "what": _how(one)}
            stops = _stops(step, edge.at, declared, [one])
            yield _hit(step, "other", edge.at, details, one.edge.confidence, stops, _UNSEEN)
    for writes in (False, True):
        rest = _first_of_each(one for one in beside if one.writes is writes and one.path not in told)
        if writes:
            rest = [one for one in rest if _is_used(graph, one)]
        if rest:
            yield _besides(group[0], rest)


def _stages_beside(step: DeclaredStep, steps: Iterable[DeclaredStep]) -> list[DeclaredStep]:
    """The other stages of its definition, which run other programs."""
    stages = (one for one in steps if one.form == step.form == "stages" and one.node.at.path == step.node.at.path)
    return [one for one in stages if not one.runs.keys() & step.runs.keys()]


def _into_others(doing: Doing, group: list[DeclaredStep], others: Collection[DeclaredStep]) -> Iterator[Hit]:
    """What the code of a stage writes into an output of another one, which is emptied before that runs."""
    first, found = group[0], dict[str, tuple[DeclaredStep, Done]]()
    done = (one for step in group for one in doing.accesses(step) if _is_of_another(group, others, one))
    for one in _first_of_each(done):
        for other in others:
            declared = next((path for path in (one.path, *folders_above(one.path)) if path in other.gives), "")
            if declared:
                found.setdefault(declared, (other, one))
    for declared, (other, one) in sorted(found.items()):
        at = other.gives[declared].at
        details = {"step": first.node.name, "artifact": one.path, "path": declared, "what": other.node.name}
        stops = [*_stops(other, at, declared, ()), *_stops(first, first.node.at, first.node.name, [one])]
        yield _hit(first, "emptied", at, details, weakest(one.edge.confidence, Confidence.LIKELY), stops, _KEPT)


def _is_of_another(group: Iterable[DeclaredStep], others: Iterable[DeclaredStep], one: Done) -> bool:
    """Whether only another stage says that it gives what is written here; what is taken as well is an input."""
    own = any(step.covers(one.path, given=given) for step in group for given in (True, False))
    return one.writes and not own and any(other.covers(one.path, given=True) for other in others)


def _is_in_one(files: Collection[str], path: str) -> bool:
    """Whether a path goes on behind a file: where it really leads was not understood."""
    parts = path.split("/")
    return any("/".join(parts[:length]) in files for length in range(1, len(parts)))


def _is_instead(step: Node, kept: Iterable[Node]) -> bool:
    """Whether something is read only where what is declared is not there: in the other arm of a branch around such an
    access, or behind an arm that ends the function with one."""
    arms = [(side, branch) for side, _, branch in (trait.partition(":") for trait in step.traits) if side in _OTHER]
    other = {f"{_OTHER[side]}:{branch}" for side, branch in arms}
    for one in kept:
        leaves = one.function == step.function and any(trait.startswith("leaves:") for trait in one.traits)
        if other & one.traits or (leaves and one.at < step.at):
            return True
    return False


def _is_declared(graph: Graph, group: Iterable[DeclaredStep], one: Done) -> bool:
    """Whether a step says that it takes or gives this, a folder around it, or keys of this settings file."""
    for step in group:
        settings = {graph.node(edge.source).at.path for edge in graph.in_edges(step.node.id, EdgeKind.CONFIGURES)}
        if step.covers(one.path, given=True) or step.holds(one.path, given=one.writes) or one.path in settings:
            return True
        if not one.writes and step.covers(one.path, given=False):
            return True
    return False


def _mistaken(
    graph: Graph, step: DeclaredStep, done: Iterable[Done], beside: Iterable[Done]
) -> Iterator[tuple[Done, str]]:
    """Accesses with the declared path that they are nearly called, and that nothing uses."""
    used = {path for one in done for path in (one.path,)}
    for one in _first_of_each(beside):
        for declared, edge in sorted((step.gives if one.writes else step.takes).items()):
            node = graph.node(edge.target if one.writes else edge.source)
            idle = declared and not any(path == declared or path.startswith(f"{declared}/") for path in used)
            if idle and node.kind in (NodeKind.SOURCE, NodeKind.ARTIFACT) and likeness(node, one.artifact):
                yield one, declared
                break


def _is_used(graph: Graph, one: Done) -> bool:
    """Whether a program reads what is written and does not write it itself, or another step declares that it takes
    it. What sends it away takes nothing of it."""
    taken = [edge for edge in graph.out_edges(one.artifact.id, EdgeKind.DECLARES) if edge.slot == "in"]
    readers = (graph.node(edge.target) for edge in graph.out_edges(one.artifact.id, EdgeKind.READS))
    own = {entry_file(graph.node(edge.source)) for edge in graph.in_edges(one.artifact.id, EdgeKind.WRITES)}
    others = (node for node in readers if node.role is not None and not _UPLOADS & node.traits)
    return bool(taken) or any(entry_file(node) not in own for node in others)


def _besides(step: DeclaredStep, rest: list[Done]) -> Hit:
    first = rest[0]
    more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
    written = step.node.name.partition("@")[0]  # one of several that are written as one
    details = {"step": written, "artifact": f"{first.path}{more}", "what": _how(first)}
    at = step.node.at
    sure = weakest(*(one.edge.confidence for one in rest[:1]), Confidence.LIKELY)
    # What is read besides may be a fallback, or be made by the step itself in a way that is not followed.
    if OPAQUE in step.node.traits or not first.writes:
        sure = Confidence.HINT
    variant = "read" if not first.writes else "input" if step.covers(first.path, given=False) else "write"
    stops = _stops(step, at, step.node.name, rest)
    return _hit(step, variant, at, details, sure, stops, _ORDERED if first.writes else _IDLE)


def _script(graph: Graph, step: DeclaredStep, *, sure: bool) -> Iterator[Hit]:
    """The script that a stage runs and does not list."""
    missing = [file for file in step.runs if not step.covers(file, given=False)]
    if missing:
        edge = step.runs[missing[0]]
        details = {"step": step.node.name, "artifact": missing[0]}
        stops = [Stop(edge.at, f"run: {missing[0]}"), Stop(step.node.at, f"declare: {step.node.name}")]
        yield _hit(step, "script", step.node.at, details, Confidence.LIKELY if sure else Confidence.HINT, stops, _IDLE)


def _imported(graph: Graph, doing: Doing, step: DeclaredStep) -> Iterator[Hit]:
    """Modules that a stage imports and does not list, where it lists others of them."""
    ours = _doing_something(graph)
    behind = frozenset().union(*(doing.behind(file) for file in step.runs)) & ours
    listed = {path for path in step.takes if path in behind and path not in step.runs}
    left = sorted(file for file in behind - step.runs.keys() if not step.covers(file, given=False))
    if listed and left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        details = {"step": step.node.name, "artifact": f"{left[0]}{more}"}
        edge = step.takes[sorted(listed)[0]]
        stops = [Stop(edge.at, f"declare: {edge.source.removeprefix('module:')}")]
        stops += [Stop(Span(file, 1, 1, 1, 1, 0, 1), f"import: {file}") for file in left]
        yield _hit(step, "import", edge.at, details, Confidence.LIKELY, stops, _IDLE)


def _together(hits: list[Hit]) -> Hit:
    """One for the steps of a definition: what lists modules for one of them and not for another is one habit."""
    first, *others = hits
    more = tuple(Stop(hit.at, f"import: the step {hit.details['step']}, {hit.details['artifact']}") for hit in others)
    details = {**first.details, "count": str(len(others))}
    return replace(first, details=details, related=more[:MAX_STOPS], variant="imports") if others else first


def _doing_something(graph: Graph) -> frozenset[str]:
    """The modules on which a result can depend: not those of packages, and not those of classes alone that do nothing,
    as kinds of errors are."""
    known = [one for one in graph.code.definitions if not one.path.endswith("__init__.py")]
    methods = {one.path for one in known if one.kind == "method" and not _is_special(one.name)}
    acting = methods | {one.path for one in known if one.kind == "function"}
    idle = {one.path for one in known if one.kind == "class"} - acting
    return frozenset(one.path for one in known if one.kind == "module" and (one.ml or one.path not in idle))


def _is_special(name: str) -> bool:
    return name.rpartition(".")[2].startswith("__")


def _parameters(graph: Graph) -> Iterator[Hit]:
    """Parameters that a step declares and that its settings file does not hold."""
    for setting in graph.nodes(NodeKind.SETTING):
        for edge in graph.out_edges(setting.id, EdgeKind.CONFIGURES) if MISSING in setting.traits else ():
            details = {"step": graph.node(edge.target).name, "setting": setting.name}
            stops = (Stop(edge.at, f"declare: {setting.name}"),)
            keys = (edge.target, setting.name)
            yield Hit(edge.at, details, keys, Confidence.CERTAIN, trail=stops, variant="parameter")
            break


def _options(graph: Graph) -> Iterator[Hit]:
    """Options that commands give scripts which do not define them, and those that scripts require and do not get: one
    hit for each script that a step runs, as it fails once."""
    told: dict[tuple[str, str], Hit] = {}
    for one in graph.code.invocations:
        names = {name for option in one.options for name in option}
        if not _HELP.isdisjoint(one.given):
            continue  # it tells of its options, and ends
        unknown = [word for word in one.given if word.startswith("--") and not _is_defined(word, names)]
        lacking = [all_[-1] for all_ in one.required if not any(_is_defined(word, set(all_)) for word in one.given)]
        if unknown or lacking:
            told.setdefault((one.step, one.path), _of_options(one, unknown, lacking))
    yield from told.values()


def _absent(graph: Graph) -> Iterator[Hit]:
    """Code that commands run and that is not there: one hit for all commands of one form of definition."""
    groups: dict[tuple[str, str], list[AbsentCode]] = defaultdict(list)
    for one in graph.code.absent:
        groups[one.form, one.said].append(one)
    for found in groups.values():
        first = min(found, key=lambda one: (not one.expected, one.at))
        stops = tuple(Stop(one.at, f"run: {one.said}") for one in found)
        yield Hit(
            first.at, {"step": first.step, "path": first.said, "artifact": first.path}, (first.form, first.said),
            Confidence.LIKELY if first.expected else Confidence.HINT, trail=stops[:MAX_STOPS],
            related=tuple(stop for stop in stops if stop.at != first.at)[:MAX_STOPS], refutation=_BROUGHT,
            variant="near" if first.path else "absent",
        )  # fmt: skip


def _of_options(one: Invocation, unknown: list[str], lacking: list[str]) -> Hit:
    keys = (one.step, one.path, *dict.fromkeys((*unknown, *lacking)))
    details = {"step": one.step, "path": one.path, "setting": _listed(unknown), "what": _listed(lacking)}
    stops = (Stop(one.at, f"run: {one.path}"), Stop(one.defined_at, f"options: {one.path}"))
    variant = "options" if unknown and lacking else "option" if unknown else "required"
    return Hit(one.at, details, keys, Confidence.LIKELY, trail=stops, refutation=_ELSEWHERE, variant=variant)


def _listed(options: Iterable[str]) -> str:
    """Options in words: `the option --a`, `the options --a, --b`."""
    found = list(dict.fromkeys(options))
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"the option{'s' if len(found) > 1 else ''} {', '.join(found[:MOST_NAMED])}{more}" if found else ""


def _is_defined(word: str, names: set[str]) -> bool:
    """Whether an option is one of these; a long one may be cut short."""
    return word in names or (word.startswith("--") and any(name.startswith(word) for name in names))


def _hit(
    step: DeclaredStep, variant: str, at: Span, details: dict[str, str], sure: Confidence, stops: list[Stop],
    refutation: str = "",
) -> Hit:  # fmt: skip
    keys = (step.node.id, variant, details.get("path") or details["artifact"].partition(" and ")[0])
    trail = tuple(dict.fromkeys(stops))[:MAX_STOPS]
    return Hit(at, details, keys, sure, trail=trail, refutation=refutation, variant=variant)


def _how(one: Done) -> str:
    return "writes" if one.writes else "reads"


def _stops(step: DeclaredStep, at: Span, declared: str, done: Iterable[Done]) -> list[Stop]:
    """The declaration, the command, and each access."""
    runs = [Stop(edge.at, f"run: {posixpath.basename(file)}") for file, edge in sorted(step.runs.items())]
    said = [Stop(one.edge.at, f"{'write' if one.writes else 'read'}: {one.path}") for one in done]
    return [Stop(at, f"declare: {declared}"), *runs, *said]


def _first_of_each(done: Iterable[Done]) -> list[Done]:
    """The first access of each path, in order of paths."""
    found: dict[str, Done] = {}
    for one in done:
        found.setdefault(one.path, one)
    return [found[path] for path in sorted(found)]
