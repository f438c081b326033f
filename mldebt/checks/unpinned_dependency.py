"""An ML package that the code imports, and whose version nothing fixes, or that nothing asks for."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from mldebt.findings import Hit, Severity
from mldebt.graph import Dependency, Environment, Graph, Imported, Node
from mldebt.graph.prototypes import measuring
from mldebt.graph.questions import is_ours
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span, folders_above
from mldebt.trail import Stop

_NAMED = 4
_SHOWN = 12
_NEARLY_ALL = 0.75
_ENDS = re.compile(r"<|~=")
_LISTS = frozenset({"requirements", "conda", "container"})
_NOTEBOOK = "notebook"
_ASIDE = frozenset({_NOTEBOOK, "hooks"})
_ASKS = "store:url"

_Open = tuple[Environment, list[Dependency]]
"""A file with what it leaves open."""


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file that leaves versions open, with those that leave no others open, and one for the imports
    below each folder with such files that nothing asks for."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    used = {one.root for one in graph.code.imported if one.purpose is Purpose.PRODUCTION}
    listing = {one.component for one in graph.code.environments if one.form in _LISTS and one.dependencies}
    by_path = {one.path: one for one in graph.code.environments}
    lists: list[_Open] = []
    tasks: list[_Open] = []
    for environment in graph.code.environments:
        loose = [one for one in environment.dependencies if _is_loose(one) and used.intersection(one.roots)]
        told = _told_below(environment, by_path) | _asked_exactly(environment)
        loose = [one for one in loose if one.name.lower() not in told]
        if loose and environment.purpose is Purpose.PRODUCTION and environment.form not in ("lock", "constraints"):
            loose.sort(key=lambda one: one.at)
            (tasks if environment.form == "task" else lists).append((environment, loose))
    for open_list, copies in _told_once(graph, lists, listing):
        yield _with_copies(_of_file(graph, *open_list, listing), copies)
    yield from _past_locks(graph, by_path, used)
    if tasks:
        yield _of_tasks(graph, tasks, listing)
    yield from _undeclared(graph)


def _past_locks(graph: Graph, by_path: Mapping[str, Environment], used: AbstractSet[str]) -> Iterator[Hit]:
    """Projects that images install by what these ask for, while a lock file beside them says the versions: one hit for
    each lock file."""
    past: dict[str, dict[Span, list[Dependency]]] = defaultdict(dict)
    for image in graph.code.environments:
        for path, at in image.installs if image.purpose is Purpose.PRODUCTION else ():
            for one in by_path[path].dependencies if path in by_path else ():
                loose = one.ml and not (one.aside or one.local) and not used.isdisjoint(one.roots)
                if loose and one.pinned_by in by_path and by_path[one.pinned_by].form == "lock":
                    past[one.pinned_by].setdefault(at, []).append(one)
    for lock, images in sorted(past.items()):
        yield _past_lock(lock, images)


def _past_lock(lock: str, images: Mapping[Span, list[Dependency]]) -> Hit:
    first, *others = sorted(images)
    also = tuple(Stop(at, "installed past the lock as well") for at in others)
    open_ones = [one for at in (first, *others) for one in images[at]]
    return Hit(
        at=first,
        details={
            "consumer": f"{first.path} (and {len(others)} more)" if others else first.path,
            "path": open_ones[0].at.path, "artifact": lock,
            "source": _names(dict.fromkeys(one.name for one in open_ones)),
        },
        keys=("past the lock", lock),
        confidence=Confidence.LIKELY,
        related=(*also, *(Stop(one.at, f"open: {one.name}{one.specifier}") for one in open_ones))[:_SHOWN],
        variant="past-lock",
    )  # fmt: skip


def _told_once(graph: Graph, lists: list[_Open], listing: set[str]) -> Iterator[tuple[_Open, list[_Open]]]:
    """Each list with those that leave nothing open but what it does: copies for tests, documents, parts of a system."""
    told: list[tuple[_Open, list[_Open]]] = []
    for one in sorted(lists, key=_first_told):
        sure = _sureness(graph, one[0], listing)
        alike = (
            copies for (first, loose), copies in told
            if _asked(one) <= _asked((first, loose)) and _kind(one[0]) == _kind(first)
            and sure is _sureness(graph, first, listing)
        )  # fmt: skip
        above = next(alike, None)
        if above is None:
            told.append((one, []))
        else:
            above.append(one)
    return iter(told)


def _first_told(one: _Open) -> tuple[object, ...]:
    """The list that leaves the most open first; of equal ones that at the top, for pip."""
    path = one[0].path
    return -len(_asked(one)), path.count("/"), one[0].form != "requirements", path


def _kind(environment: Environment) -> str:
    """What a file is: of lists one says what another one does, be it for pip, conda or an image."""
    return "list" if environment.form in _LISTS else environment.form


def _asked(one: _Open) -> frozenset[str]:
    return frozenset(dependency.name.lower() for dependency in one[1])


def _with_copies(hit: Hit, copies: list[_Open]) -> Hit:
    if not copies:
        return hit
    stops = tuple(Stop(loose[0].at, f"open as well: {_names(one.name for one in loose)}") for _, loose in copies)
    more = f"{hit.details['consumer']} and {len(copies)} more file{'s' * (len(copies) > 1)}"
    return replace(
        hit, details={**hit.details, "consumer": more}, related=(*hit.related, *stops)[:_SHOWN], variant="open-together"
    )


def _of_tasks(graph: Graph, tasks: list[_Open], listing: set[str]) -> Hit:
    """What the tasks of a repository install where they run, all at once: they are written alike."""
    first, *others = [environment for environment, _ in tasks]
    hit = _of_file(graph, first, sorted((one for _, loose in tasks for one in loose), key=lambda one: one.at), listing)
    more = f" (and {len(others)} more)" if others else ""
    return replace(hit, details={**hit.details, "consumer": f"What a task of {first.path}{more} installs"})


def _is_loose(one: Dependency) -> bool:
    return one.ml and not (one.pinned_by or one.local or one.aside)


def _told_below(environment: Environment, by_path: Mapping[str, Environment]) -> frozenset[str]:
    """The packages that the list made of this one leaves open itself, and is told of."""
    made = by_path.get(f"{environment.path.removesuffix('.in')}.txt") if environment.path.endswith(".in") else None
    return frozenset(one.name.lower() for one in (made.dependencies if made is not None else ()) if _is_loose(one))


def _asked_exactly(environment: Environment) -> frozenset[str]:
    """The packages that a list asks for more than once, and once in one version: an installer takes all it is told."""
    return frozenset(one.name.lower() for one in environment.dependencies if one.pinned_by == environment.path)


def _of_file(graph: Graph, environment: Environment, loose: list[Dependency], listing: set[str]) -> Hit:
    first, *others = loose
    return Hit(
        at=first.at,
        details={"consumer": environment.path, "source": _names(one.name for one in loose)},
        keys=("open versions",),
        confidence=Confidence.HINT if _is_chosen(environment, loose) else _sureness(graph, environment, listing),
        related=tuple(Stop(one.at, f"open: {one.name}{one.specifier}") for one in others)[:_SHOWN],
        severity=Severity.WARNING if environment.form in _LISTS else Severity.INFO,
    )


def _is_chosen(environment: Environment, loose: list[Dependency]) -> bool:
    """Whether a list that pins the rest leaves only ranges open that end below some version."""
    return _pins_nearly_all(environment) and all(_ENDS.search(one.specifier) for one in loose)


def _pins_nearly_all(environment: Environment) -> bool:
    fixed = sum(one.pinned_by != "" for one in environment.dependencies)
    return fixed >= _NEARLY_ALL * len(environment.dependencies)


def _sureness(graph: Graph, environment: Environment, listing: set[str]) -> Confidence:
    """The metadata of a package has ranges by right; what an application runs with stands in its lists, and a list that
    pins nearly all it asks for is no metadata, whoever may install the package beside it. Where there are lists, what
    a notebook installs besides is for whoever tries it."""
    if environment.form == _NOTEBOOK and listing:
        return Confidence.HINT
    if environment.form in _LISTS and _pins_nearly_all(environment):
        return Confidence.LIKELY
    if environment.form == "project" and (graph.code.is_library(environment.path) or environment.component in listing):
        return Confidence.HINT
    return Confidence.HINT if graph.code.is_library(environment.path) else Confidence.LIKELY


def _undeclared(graph: Graph) -> Iterator[Hit]:
    asking = [one for one in graph.code.environments if one.form not in _ASIDE and (one.dependencies or one.open)]
    measured = measuring(graph)
    work = Counter(node.at.path for node in graph.nodes() if _is_work(node) and node.at.path not in measured)
    lost = sorted(filter(_is_lost, graph.code.imported), key=lambda one: (-work[one.at.path], one.at, one.root))
    if not asking:
        in_scripts = [one for one in lost if not one.at.cell]  # a notebook may run where everything is there
        sure = Confidence.LIKELY if any(work[one.at.path] for one in in_scripts) else Confidence.HINT
        lists = (one for one in graph.code.environments if one.purpose is Purpose.PRODUCTION)
        empty = [one for one in lists if one.form in ("requirements", "conda")]
        for hit in (_of_imports(in_scripts or lost, "", sure, "nowhere"),) if lost else ():
            yield _at_the_empty_list(hit, empty[0]) if empty else hit
        return
    homes = {posixpath.dirname(one.path) for one in asking}
    by_home: dict[str, list[Imported]] = defaultdict(list)
    for one in lost:
        by_home[next((folder for folder in folders_above(one.at.path) if folder in homes), "")].append(one)
    listed = any(one.form in _LISTS and any(not asked.aside for asked in one.dependencies) for one in asking)
    # A project that reads its list from a file reads the one that is there.
    unknown = any(one.open and not one.dependencies and not (listed and one.form == "project") for one in asking)
    for home, missing in sorted(by_home.items()):
        alone = [one for one in missing if not one.brought_by]
        in_scripts = [one for one in alone if not one.at.cell]
        works = any(work[one.at.path] for one in in_scripts)  # what only shows or tries something out may fail
        sure = Confidence.LIKELY if works and not unknown else Confidence.HINT
        yield _of_imports(in_scripts or alone or missing, home, sure, "undeclared")


def _is_work(node: Node) -> bool:
    """Whether something is done to data or models; to ask a service, no package of these is needed."""
    return node.role is not None and is_ours(node) and _ASKS not in node.traits


def _is_lost(one: Imported) -> bool:
    known = one.declared_in or one.told_in or one.optional
    return one.ml and one.purpose is Purpose.PRODUCTION and not known


def _of_imports(missing: list[Imported], home: str, sure: Confidence, variant: str) -> Hit:
    """Imports that nothing asks for, each package at the first of the files given: those that do the most work with
    data and models stand first."""
    told: dict[str, Imported] = {}
    for one in missing:
        told.setdefault(one.root, one)
    first, *others = told.values()
    more = len({one.at.path for one in others} - {first.at.path})
    files = f" and {more} more file{'s' if more > 1 else ''}" if more else ""
    return Hit(
        at=first.at,
        details={"consumer": first.at.path + files, "source": _names(one.name for one in (first, *others))},
        keys=("no requirement", home),
        confidence=sure,
        related=tuple(Stop(one.at, f"import: {one.name}") for one in others)[:_SHOWN],
        severity=Severity.INFO,
        variant=f"{variant}-together" if more else variant,
    )


def _at_the_empty_list(hit: Hit, empty: Environment) -> Hit:
    """Imports that nothing asks for, told where there is a list that is there for them, and asks for nothing."""
    first = Stop(hit.at, f"import: {hit.details['source']}")
    return replace(
        hit, at=Span(empty.path, 1), details={**hit.details, "path": empty.path},
        related=(first, *hit.related)[:_SHOWN], variant=hit.variant.replace("nowhere", "empty"),
    )  # fmt: skip


def _names(names: Iterable[str]) -> str:
    said = list(dict.fromkeys(names))
    more = f" and at least {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return ", ".join(said[:_NAMED]) + more
