"""Read-only questions about definitions that nothing uses."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from mldebt.graph.code import Definition
from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.pipelines import declared_steps
from mldebt.graph.questions import is_ours
from mldebt.source import Purpose, Span

MOST_RELATED = 8
_MUCH_CODE = 20
_MOST_NAMED = 4
"""So many of several definitions are told by name."""
_MANY = {"function": "functions", "class": "classes", "method": "methods", "module": "modules"}
_NUMBER = re.compile(r"#\d+")
_VERSION = re.compile(r"^(?P<stem>.+?)[_-]?v?(?P<number>\d+)$")
_USED = re.compile(r"(?<![\w.])(?:self\.)?[A-Za-z_]\w*\b(?!\s*=[^=])")
_TOLD = frozenset({"text", "document"})
_OUTSIDE = frozenset({"endpoint", "handler", "command", "task", "flow", "hook", "fixture", "?"})


@dataclass(frozen=True, slots=True)
class Unused:
    """A definition that nothing names; `tests` are the tests that do, `only` what nothing else uses. `twin` is a
    copy of it, or of a class in it, that is in use: what was stored with the one may need the other where it is loaded,
    and code that is copied whole is not kept for each part of it. `off` is code in comments that names it: somebody
    switched it off, and may know why. `told`: pages for people name it as if it were in use."""

    definition: Definition
    tests: tuple[tuple[str, Span], ...] = ()
    only: tuple[Definition, ...] = ()
    twin: Definition | None = None
    off: tuple[Span, ...] = ()

    @property
    def told(self) -> bool:
        return self.definition.told and not self.off


def unused(graph: Graph) -> tuple[Unused, ...]:
    """Functions, classes and modules of production code that no production code and no command names.

    What only they use is told with them. In a library public names are for others to use. What tests use of a module
    that makes fixtures for them is there for tests.
    """
    known = {one.id: one for one in graph.code.definitions}
    heads, tools = _heads(graph, known), {one.path for one in known.values() if "fixture" in one.made}
    shown = [known[id] for id in sorted(heads) if not _stands_in(known[id], heads, known)]
    shown = [one for one in shown if not (one.test_used_by and one.path in tools)]
    dead = _only_used_by(heads, known)
    twins, classes = _in_use(known), _classes_by_path(known)
    off = _names_in_comments(graph)
    return tuple(
        Unused(one, _tests(one, known), _held(one, dead, known), _twin(one, classes, twins), _switched_off(one, off))
        for one in shown
    )


@lru_cache(maxsize=1)  # four rules ask the same of one graph
def never_called(graph: Graph) -> frozenset[tuple[str, str]]:
    """The files and names of functions, methods and classes that nothing uses, and of what only they use; of a
    module that nothing uses the name is empty."""
    known = {one.id: one for one in graph.code.definitions}
    dead = (known[id] for id in _only_used_by(_heads(graph, known), known))
    return frozenset((one.path, "" if one.kind == "module" else one.name) for one in dead)


def stands_in_dead(dead: frozenset[tuple[str, str]], path: str, name: str) -> bool:
    """Whether a function, the class that has it, or its module is among what nothing uses."""
    return not dead.isdisjoint({(path, name), (path, name.rpartition(".")[0]), (path, "")})


def idle_modules(graph: Graph) -> frozenset[str]:
    """The files of modules that do nothing when run and that nothing imports, or only such modules."""
    entered = _entered(graph)
    waiting = {
        one.id: one for one in graph.code.definitions
        if one.kind == "module" and one.purpose is Purpose.PRODUCTION and one.path.endswith(".py") and not one.runs
        and one.path not in entered and not one.path.endswith("__init__.py") and not graph.code.is_library(one.path)
    }  # fmt: skip
    idle: set[str] = set()
    while found := {id for id, one in waiting.items() if set(one.used_by) <= idle | {"document"}}:
        idle |= found
        waiting = {id: one for id, one in waiting.items() if id not in found}
    return frozenset(id.removeprefix("module:") for id in idle)


@remembered
def scripts_nobody_names(graph: Graph) -> tuple[Definition, ...]:
    """Scripts with ML steps that no file names, where files name other scripts of the repository. What they write, no
    other code reads: a training that somebody runs by hand is named nowhere, and its model is loaded."""
    scripts = [one for one in graph.code.definitions if _is_script(one)]
    left = [one for one in scripts if not one.used_by and one.ml]
    named = any(not _TOLD.isdisjoint(one.used_by) for one in scripts)
    in_use = _entered(graph) | _feeding(graph) if named and left else frozenset()
    return tuple(one for one in left if named and one.path not in in_use)


def run_by_hand(graph: Graph) -> frozenset[str]:
    """The files of scripts that pages for people name, and no code and no command."""
    return frozenset(one.path for one in graph.code.definitions if _is_script(one) and one.used_by == ("document",))


def bystanders(graph: Graph) -> frozenset[str]:
    """The files of scripts that do no step of a model's life, and that no code and no command names."""
    working = {one.path for one in graph.code.definitions if one.ml}
    alone = {one.path for one in graph.code.definitions if _is_script(one) and set(one.used_by) <= {"document"}}
    return frozenset(alone - working)


def numbered_copies(graph: Graph) -> tuple[tuple[Definition, tuple[Definition, ...]], ...]:
    """Modules that differ in a number of their name and share most functions, and that nothing uses
    while something uses another; with those in use."""
    groups: dict[tuple[str, str], list[Definition]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.kind == "module" and one.purpose is Purpose.PRODUCTION and one.path.endswith(".py"):
            groups[posixpath.dirname(one.path), _stem(one.path)].append(one)
    names = _names_by_path(graph.code.definitions)
    found = []
    for group in groups.values():
        live = [one for one in group if set(one.used_by) - {"document"}]
        for one in group:
            twins = tuple(other for other in live if _share(names[one.path], names[other.path]))
            if not one.used_by and twins:
                found.append((one, twins))
    return tuple(found)


def _heads(graph: Graph, known: dict[str, Definition]) -> set[str]:
    """Definitions that nothing uses; a class that is exported for nobody with its methods, not each of them; and
    functions that an application exports for nobody."""
    hosts = _hosts(known)
    found = {
        one.id for one in known.values()
        if _is_unused(one, graph.code.is_library(one.path)) and not (one.path in hosts and _may_be_hook(one))
    }  # fmt: skip
    methods = [known[id] for id in found if known[id].kind == "method"]
    owners = {f"class:{one.path}:{one.name.rpartition('.')[0]}" for one in methods}
    found |= {id for id in owners & known.keys() if _is_for_nobody(known[id])}
    functions = (one for one in known.values() if one.kind == "function" and not graph.code.is_library(one.path))
    found |= {one.id for one in functions if _is_for_nobody(one)}
    return found | _modules(graph, known)


def _hosts(known: dict[str, Definition]) -> frozenset[str]:
    """Files of code that only other files than code name, and that do nothing when they are run: what is told of them
    loads them, and calls what is in them by names of its own."""
    modules = (one for one in known.values() if one.kind == "module")
    return frozenset(one.path for one in modules if one.used_by == ("text",) and not one.runs)


def _may_be_hook(one: Definition) -> bool:
    return one.kind in ("function", "method") and is_public(one)


def _is_for_nobody(one: Definition) -> bool:
    """Whether a class or function is named by nothing but what exports it."""
    idle = one.exported and one.purpose is Purpose.PRODUCTION and not (one.hooked or one.made)
    return idle and not one.used_by


def _is_unused(one: Definition, library: bool) -> bool:
    if one.kind == "module" or one.used_by or one.purpose is not Purpose.PRODUCTION:
        return False
    if one.hooked or one.exported or one.abstract or one.overrides or _OUTSIDE.intersection(one.made):
        return False
    return not library or one.name.rpartition(".")[2].startswith("_")


def _modules(graph: Graph, known: dict[str, Definition]) -> set[str]:
    """Modules that do nothing when run and that nothing imports."""
    entered = _entered(graph)
    return {
        one.id
        for one in known.values()
        if one.kind == "module" and one.purpose is Purpose.PRODUCTION and one.path.endswith(".py")
        and set(one.used_by) <= {"document"} and not one.runs and one.ml and one.path not in entered
        and not graph.code.is_library(one.path)
    }  # fmt: skip


def _is_script(one: Definition) -> bool:
    return one.kind == "module" and one.purpose is Purpose.PRODUCTION and one.path.endswith(".py") and one.runs


def _entered(graph: Graph) -> frozenset[str]:
    """The files in which a framework asks for something, or whose tasks a scheduler runs."""
    called = (
        one.path
        for one in graph.code.definitions
        if _OUTSIDE.intersection(one.made) or (one.hooked and _stands_alone(one))
    )
    return frozenset(called) | {step.at.path for step in declared_steps(graph)}


def _feeding(graph: Graph) -> frozenset[str]:
    """The files that write what production code in another file reads."""
    found: set[str] = set()
    for edge in graph.edges(EdgeKind.WRITES):
        readers = {node.at.path for node in graph.successors(edge.target, EdgeKind.READS) if is_ours(node)}
        writer = graph.node(edge.source).at.path
        found |= {writer} if readers - {writer} else set()
    return frozenset(found)


def _stands_alone(one: Definition) -> bool:
    """Whether it is a function or class of a module: what a framework asks for in a class is no entry by itself."""
    return one.kind == "function" or (one.kind == "class" and "." not in one.name)


def _stands_in(one: Definition, heads: set[str], known: dict[str, Definition]) -> bool:
    """Whether what holds a definition is unused as a whole: its module, or its class."""
    owner = one.name.rpartition(".")[0]
    return one.kind != "module" and (f"module:{one.path}" in heads or f"class:{one.path}:{owner}" in heads)


def _only_used_by(heads: set[str], known: dict[str, Definition]) -> dict[str, set[str]]:
    """For each definition that only unused ones use, those that use it."""
    dead = {id: {id} for id in heads}
    changed = True
    while changed:
        changed = False
        for id, one in known.items():
            users = [user for user in one.used_by if user != id]
            if id not in dead and users and one.kind != "module" and not one.exported and not one.hooked:
                holders = [_dead_holder(user, dead, known) for user in users]
                if all(holders) and one.purpose is Purpose.PRODUCTION:
                    dead[id] = set().union(*(dead[holder] for holder in holders))
                    changed = True
    return dead


def _dead_holder(user: str, dead: dict[str, set[str]], known: dict[str, Definition]) -> str:
    if user in dead:
        return user
    one = known.get(user)
    owner = f"class:{one.path}:{one.name.rpartition('.')[0]}" if one is not None and one.kind == "method" else ""
    return owner if owner in dead else ""


def _held(one: Definition, dead: dict[str, set[str]], known: dict[str, Definition]) -> tuple[Definition, ...]:
    held = [known[id] for id, heads in dead.items() if heads == {one.id} and id != one.id]
    if one.kind == "module":
        held += [other for other in known.values() if other.path == one.path and other.kind in ("function", "class")]
    inside = f"{one.name}."
    outside = [other for other in held if not (other.path == one.path and other.name.startswith(inside))]
    return tuple(sorted(set(outside), key=lambda other: (other.path, other.at)))[:MOST_RELATED]


def _in_use(known: dict[str, Definition]) -> dict[tuple[str, str, str], list[Definition]]:
    """The definitions that code names, by what copies of them have in common."""
    found: dict[tuple[str, str, str], list[Definition]] = defaultdict(list)
    for one in known.values():
        if set(one.used_by) - {"document"}:
            found[likeness(one)].append(one)
    return found


def likeness(one: Definition) -> tuple[str, str, str]:
    """What copies of a definition have in common: the end of their module's path, as a stored object names it too,
    their kind and name."""
    module = "/".join(one.path.split("/")[-2:])
    return module, one.kind, "" if one.kind == "module" else one.name


def _classes_by_path(known: dict[str, Definition]) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = defaultdict(list)
    for one in known.values():
        if one.kind == "class":
            found[one.path].append(one)
    return found


def _twin(
    one: Definition, classes: dict[str, list[Definition]], twins: dict[tuple[str, str, str], list[Definition]]
) -> Definition | None:
    """The copy that is in use of a definition, or of a class in a module."""
    copied = [one, *(classes.get(one.path, ()) if one.kind == "module" else ())]
    like = (other for own in copied for other in twins.get(likeness(own), ()))
    return next((other for other in like if other.path != one.path), None)


def _tests(one: Definition, known: dict[str, Definition]) -> tuple[tuple[str, Span], ...]:
    tests = (known[id] for id in one.test_used_by if id in known)
    return tuple((test.name, test.at) for test in tests)[:MOST_RELATED]


def _names_in_comments(graph: Graph) -> dict[str, list[Span]]:
    """The names that code in comments uses, each as it is written there: behind `self.` those of methods."""
    found: dict[str, list[Span]] = defaultdict(list)
    for note in graph.code.notes:
        if note.code and note.comment:
            for name in dict.fromkeys(_USED.findall(note.text)):
                found[name].append(note.at)
    return found


def _switched_off(one: Definition, names: dict[str, list[Span]]) -> tuple[Span, ...]:
    """Where code in comments names a function or class; a method, in its own file."""
    if one.kind == "method":
        asked = names.get(f"self.{one.name.rpartition('.')[2]}", ())
        return tuple(at for at in asked if at.path == one.path)[:MOST_RELATED]
    return tuple(names.get(one.name, ()))[:MOST_RELATED] if one.kind in ("function", "class") else ()


def named_together(gone: list[Definition]) -> str:
    """Definitions by their names; methods of one class by theirs in it."""
    kinds, owners = {one.kind for one in gone}, {one.name.rpartition(".")[0] for one in gone}
    owner = owners.pop() if len(owners) == 1 and kinds == {"method"} else ""
    names = [plain_name(one.name.removeprefix(f"{owner}.")) for one in gone]
    more = len(names) - _MOST_NAMED
    shown = [*names[:_MOST_NAMED], f"{more} more"] if more > 0 else names
    said = f"{_MANY[kinds.pop()] if len(kinds) == 1 else 'definitions'} {', '.join(shown[:-1])} and {shown[-1]}"
    return f"{said} of {plain_name(owner)}" if owner else said


def plain_name(name: str) -> str:
    """A name as it is written: what is defined again has a number."""
    return _NUMBER.sub("", name)


def is_public(one: Definition) -> bool:
    return not one.name.rpartition(".")[2].startswith("_")


def is_long(one: Definition) -> bool:
    """Whether it is so long that who reads the file has to understand it."""
    return lines_of(one) >= _MUCH_CODE


def lines_of(one: Definition) -> int:
    return one.end_line - one.at.line + 1


def _stem(path: str) -> str:
    stem = posixpath.basename(path).rpartition(".")[0]
    match = _VERSION.match(stem)
    return match["stem"] if match else stem


def _names_by_path(definitions: Iterable[Definition]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in definitions:
        if one.kind in ("function", "class"):
            found[one.path].add(one.name)
    return defaultdict(frozenset, {path: frozenset(names) for path, names in found.items()})


def _share(first: frozenset[str], second: frozenset[str]) -> bool:
    both = first & second - {"main"}
    return len(both) >= 2 and 2 * len(both) >= min(len(first), len(second))
