"""Read-only questions about what is tried out: notebooks, tests, and folders of trials apart from the rest."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.graph.code import Definition
from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.questions import is_ours, saved, serves, trainings
from mldebt.source import Purpose, folders_above

NOTEBOOK, TEST, TRIAL = "a notebook", "test code", "a folder of trials"
NOTEBOOK_ENDING = ".ipynb"
_TRIALS = frozenset({
    "scratch", "experiments", "experiment", "sandbox", "playground", "prototypes", "prototype", "exploration", "poc",
    "trials", "notebooks",
})  # fmt: skip
_FEWEST = 2
_MEASURES = re.compile(r"(?:.*[_-])?bench(?:marks?|marking)?(?:[_-].*)?", re.IGNORECASE)


@remembered
def prototypes(graph: Graph) -> Mapping[str, str]:
    """Files that are no production code, with what they are.

    A file that is only called like a test, and that production imports, may hold one of statistics.
    A folder of trials is one that is called so, holds at least two files most of which are run and not imported, and of
    which at most a third are imported from outside of it. One that others import as a package has an interface.
    """
    modules = [one for one in graph.code.definitions if one.kind == "module"]
    ours = {one.path for one in modules if one.purpose is Purpose.PRODUCTION}
    wanted = {use.path for use in graph.code.local_imports if use.at.path in ours}
    called_so = {path for path in wanted if not in_test_folder(path)}
    found = {one.path: TEST for one in modules if one.purpose is Purpose.TEST and one.path not in called_so}
    found |= dict.fromkeys(_in_trials(graph, modules), TRIAL)
    return found | {one.path: NOTEBOOK for one in modules if one.path.endswith(NOTEBOOK_ENDING)}


def beside_production(graph: Graph) -> frozenset[str]:
    """The notebooks and trials of a repository in which models are also trained or served by other code; none where
    there is no such code, as trials are all there is then. Where other code only serves, the models come from the
    trials that store one: from those that store what it loads, where that is known."""
    trials = frozenset(path for path, kind in prototypes(graph).items() if kind != TEST)
    taught = trainings(graph)
    if any(is_ours(node) and node.at.path not in trials for node in taught):
        return trials
    if any(serves(node) and node.at.path not in trials for node in graph.nodes()):
        return trials - _storing(graph, trials)
    return frozenset()


def _storing(graph: Graph, trials: frozenset[str]) -> frozenset[str]:
    """The trials that store a model: those whose models other code loads, if it does."""
    stored = [(fit.at.path, place) for fit in trainings(graph) for place in saved(graph, fit)]
    reads = (edge for place in {place for _, place in stored} for edge in graph.out_edges(place, EdgeKind.READS))
    loaded = {edge.source for edge in reads if is_ours(graph.node(edge.target)) and edge.at.path not in trials}
    return frozenset(path for path, place in stored if place in loaded or not loaded)


def measuring(graph: Graph) -> frozenset[str]:
    """The files that measure what other code does, and that nothing else asks for: called so, as their folder may be,
    and used by none that is not. Like tests they do again what they are about."""
    paths = {one.path for one in graph.code.definitions if one.kind == "module"}
    called_so = {path for path in paths if any(map(_MEASURES.fullmatch, path.removesuffix(".py").split("/")))}
    asked = {use.path for use in graph.code.local_imports if use.at.path not in called_so}
    return frozenset(called_so - asked)


def among_notebooks(graph: Graph) -> Iterator[str]:
    """Files that nobody imports, in a folder that holds as many notebooks as other code: written beside them."""
    folders: dict[str, list[str]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.kind == "module":
            folders[posixpath.dirname(one.path)].append(one.path)
    wanted = {use.path for use in graph.code.local_imports}
    for folder, paths in folders.items():
        scripts = [path for path in paths if not path.endswith(NOTEBOOK_ENDING)]
        if folder and 2 * len(scripts) <= len(paths):
            yield from (path for path in scripts if path not in wanted)


def trial_folder(path: str) -> str:
    """The outermost folder above a file that is called one of trials; empty when there is none."""
    named = [folder for folder in folders_above(path) if folder.rpartition("/")[2].lower() in _TRIALS]
    return named[-1] if named else ""


def in_test_folder(path: str) -> bool:
    """Whether a file lies among tests, and is not only called like one."""
    return any(folder.rpartition("/")[2].lower() in ("test", "tests") for folder in folders_above(path))


def serving_files(graph: Graph) -> frozenset[str]:
    """The files of production code that answer requests."""
    return frozenset(node.at.path for node in graph.nodes() if serves(node) and not node.at.cell)


def _in_trials(graph: Graph, modules: list[Definition]) -> list[str]:
    folders: dict[str, list[Definition]] = defaultdict(list)
    for one in modules:
        if (folder := trial_folder(one.path)) and one.purpose is not Purpose.TEST:
            folders[folder].append(one)
    wanted = {use.path for use in graph.code.local_imports if not trial_folder(use.at.path)}
    found: list[str] = []
    for folder, inside in folders.items():
        if f"{folder}/__init__.py" in wanted:
            continue
        asked = [one for one in inside if one.path in wanted]
        run = [one for one in inside if one.runs]
        if len(inside) >= _FEWEST and 2 * len(run) > len(inside) and 3 * len(asked) <= len(inside):
            found += [one.path for one in inside]
    return found
