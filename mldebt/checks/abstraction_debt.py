"""A step on data or models that is written again elsewhere, with small differences."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.copied_code import Copy
from mldebt.graph.model_work import working_on_models
from mldebt.graph.prototypes import measuring, prototypes
from mldebt.graph.reach import never_called, scripts_nobody_names, stands_in_dead
from mldebt.graph.recomputed import computing_alike
from mldebt.graph.superseded import superseded
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_SHOWN = 3
_WHOLE = 100  # percent of the steps
_A_TREE = 3  # as many files of one folder stand in another under the same names
_TWICE, _A_THIRD = 2, 3
_FEW_LINES = 6  # who writes a single function of these three times or less has little to share
_NOTEBOOK = ".ipynb"
_BESIDE = {False: "beside", True: "beside_same"}
_VARIANTS = {(False, False): "", (False, True): "same", (True, False): "several", (True, True): "several_same"}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the functions that the same files have, at the first of them, one for a folder that is a copy of
    another, one for each step that one file has several times, and one for the stretches that the same files have.
    What files have that are told with others anyway is told there."""
    groups, parts, telling = _groups(graph, part=False), _groups(graph, part=True), _telling(graph)
    whole = frozenset(copy.id for found in groups.values() for group in found for copy in group)
    trees: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for files in sorted(groups):
        if len(_scripts(files)) > 1 and (tree := _tree(files)) is not None:
            trees[tree].append(files)
    for tree, inside in _grown(trees):
        if len(inside) >= _A_TREE:
            yield _hit(inside[0], [group for files in inside for group in groups.pop(files)], telling, tree)
            for files in inside:
                parts.pop(files, None)
    together = _together(groups)
    lines = {one.id: one.end_line - one.at.line + 1 for one in graph.code.definitions}
    for files, found in sorted(together.items()):
        for alike in [found] if len(files) > 1 else [[one] for one in found]:
            hit = _hit(files, alike, telling)
            yield replace(hit, confidence=Confidence.HINT) if _is_little(alike, lines) else hit
    for files, found in sorted(_together(parts).items()):
        hit = _of_parts(found, telling)
        told = any(copy.id in whole for group in found for copy in group)  # as a copy of another one
        told |= any(_are_many(files, others) for others in together)
        yield replace(hit, confidence=Confidence.HINT) if told else hit


def _is_little(groups: list[list[Copy]], lines: Mapping[str, int]) -> bool:
    """Whether a single function of a few lines is written again, and not all over."""
    (first, *others), few = groups, min(lines.get(copy.id, _FEW_LINES + 1) for copy in groups[0])
    return not others and few <= _FEW_LINES and len(first) <= _A_THIRD


def _groups(graph: Graph, *, part: bool) -> dict[tuple[str, ...], list[list[Copy]]]:
    """What is written several times, by the files that have it. What nobody calls is told by itself, and so are two
    functions that compute the features of one model; what a measurement does again of the code that it is about is
    none, as in a test."""
    dead, apart = never_called(graph), measuring(graph) | superseded(graph)
    features = computing_alike(graph) if graph.scrutiny.copied else frozenset()
    groups: dict[tuple[str, ...], list[list[Copy]]] = defaultdict(list)
    for group in graph.scrutiny.copied:
        copies = (copy for copy in group if copy.at.path not in apart)
        alive = [copy for copy in copies if not stands_in_dead(dead, copy.at.path, copy.name)]
        if len(alive) > 1 and alive[0].part is part and frozenset(copy.id for copy in alive) not in features:
            groups[tuple(sorted({copy.at.path for copy in alive}))].append(alive)
    return groups


def _together(groups: dict[tuple[str, ...], list[list[Copy]]]) -> dict[tuple[str, ...], list[list[Copy]]]:
    """The groups by files, those of some files with those of the fewest of which these are many: they are copies of
    each other, and all of it is mended at once."""
    found = {files: list(inside) for files, inside in groups.items()}
    for files in sorted(groups, key=lambda files: (len(files), files)):
        more = [others for others in found if files != others and _are_many(files, others)]
        if more:
            found[min(more, key=lambda others: (len(others), others))] += found.pop(files)
    return found


def _are_many(files: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether some files are at least a third of others."""
    return len(files) > 1 and len(others) <= _A_THIRD * len(files) and set(files) <= set(others)


def _telling(graph: Graph) -> frozenset[Copy]:
    """The copies that tell of a debt, as one of each group does the work of models: those in code that somebody may be
    known to run, and no trials."""
    aside = {one.path for one in scripts_nobody_names(graph)}.union(prototypes(graph))
    working = working_on_models(graph)
    found: set[Copy] = set()
    for group in graph.scrutiny.copied:
        run = {copy for copy in group if copy.at.path not in aside}
        if any(copy.network or copy.life or copy.id in working for copy in run):
            found |= run
    return frozenset(found)


def _of_parts(groups: list[list[Copy]], telling: frozenset[Copy]) -> Hit:
    """The longest of the stretches that the same files have; the others are its related places."""
    longest = max(groups, key=lambda group: (_counts(group, telling), _length(group), [-one.at.line for one in group]))
    first, *others = longest
    scripts = [copy for copy in longest if not copy.at.path.endswith(_NOTEBOOK)]
    stops = [Stop(copy.at, f"copy: {_called(copy)}") for copy in longest]
    more = [Stop(copy.at, f"also: {_called(copy)}") for group in groups if group is not longest for copy in group]
    there = {copy.id for copy in longest} == {first.id}
    return Hit(
        at=first.at,
        details={
            "value": str(_length(longest)), "function": _called(first),
            "count": str(len(groups) - 1 if len(groups) > 1 else len(longest)),
            "path": _listed(list(dict.fromkeys(_whose(copy, first) for copy in others))),
        },
        keys=("part", *sorted({copy.name for copy in longest}), *sorted({copy.at.path for copy in longest})),
        confidence=Confidence.LIKELY if _counts(longest, telling) and len(scripts) > 1 else Confidence.HINT,
        symbol=first.name,
        trail=tuple(stops)[:MAX_STOPS],
        related=(*stops[1:], *more),
        variant=("parts" if len(groups) > 1 else "part") + ("_there" if there else ""),
    )  # fmt: skip


def _counts(group: list[Copy], telling: frozenset[Copy]) -> bool:
    """Whether a stretch is written again by no chance; of networks those are alike that are written a third time."""
    return group[0].sure and _are_told(group, telling) and (not group[0].network or len(group) > _TWICE)


def _are_told(group: list[Copy], telling: frozenset[Copy]) -> bool:
    return len(telling.intersection(group)) >= _TWICE


def _length(group: list[Copy]) -> int:
    """The lines of the shortest."""
    return min(copy.at.end_line - copy.at.line + 1 for copy in group)


def _whose(copy: Copy, first: Copy) -> str:
    """The function that holds a stretch, with its file where that is another one."""
    if copy.at.path == first.at.path:
        return _called(copy)
    file = posixpath.basename(copy.at.path)
    where = copy.at.path if file == posixpath.basename(first.at.path) else file
    return where if copy.name == file else f"{copy.name} of {where}"


_Trees = dict[tuple[str, ...], list[tuple[str, ...]]]


def _grown(trees: _Trees) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """The sets of folders that hold the same files; one of which another has two folders more is part of it."""
    found: list[tuple[set[str], list[tuple[str, ...]]]] = []
    for tree, inside in sorted(trees.items(), key=lambda one: (-len(one[0]), one)):
        whole = next((known for known in found if len(known[0] & set(tree)) > 1), None)
        if whole is None:
            found.append((set(tree), list(inside)))
        else:
            whole[0].update(tree)
            whole[1].extend(inside)
    return [(tuple(sorted(folders)), sorted(inside)) for folders, inside in found]


def _tree(files: tuple[str, ...]) -> tuple[str, ...] | None:
    """The folders in which all of the files lie under the same names, if there are such."""
    if len(files) > 2 and len({posixpath.basename(path) for path in files}) == 1:
        end = len(list(posixpath.commonprefix([path.split("/")[::-1] for path in files])))
        return tuple("/".join(path.split("/")[:-end]) for path in files)
    first = files[0].split("/")
    alike = max(files[1:], key=lambda path: len(_end(first, path.split("/"))))
    end = len(_end(first, alike.split("/")))
    if not end:
        return None
    one, other = ("/".join(path.split("/")[:-end]) for path in (files[0], alike))
    halves = [{posixpath.relpath(path, top or ".") for path in files if _lies_in(path, top)} for top in (one, other)]
    inner, outer = sorted(halves, key=len)
    return (one, other) if inner and len(files) == 2 * len(inner) and inner <= outer else None


def _end(one: list[str], other: list[str]) -> list[str]:
    """The parts with which two paths end alike."""
    return list(posixpath.commonprefix([one[::-1], other[::-1]]))


def _lies_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _hit(
    files: tuple[str, ...], groups: list[list[Copy]], telling: frozenset[Copy], tree: tuple[str, ...] | None = None
) -> Hit:
    groups = sorted(groups, key=lambda group: not _tells(group, telling))
    copies = [copy for group in groups for copy in group]
    beside, same = len(files) == 1, all(copy.same for copy in copies)
    several = len(_scripts(files)) > 1
    best = partial(min, key=lambda copy: several and bool(copy.at.cell))  # what scripts have to share comes first
    shown = [copy for group in groups for copy in (group if beside else [best(group)])]
    names = list(dict.fromkeys(_called(copy) for copy in shown))
    stops = [Stop(copy.at, _told(copy)) for copy in copies]
    handlers = all(copy.answers for copy in copies)
    sure = any(_tells(group, telling) for group in groups) and (same or handlers if beside else several)
    first = best(copies)
    return Hit(
        at=first.at,
        details={
            "function": _listed(names),
            "count": str(len(copies)),
            "path": _listed(_shortest(files) if tree is None else [folder or "the top folder" for folder in tree]),
        },
        keys=(*sorted({copy.name.partition("#")[0] for copy in shown}), *files) if tree is None else ("tree", *tree),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.name,
        trail=tuple(stops)[:MAX_STOPS],
        related=tuple(stop for stop in stops if stop.at != first.at),
        variant=_variant(files, groups, several=len(names) > 1, same=same, whole=tree is not None),
    )


def _variant(files: tuple[str, ...], groups: list[list[Copy]], *, several: bool, same: bool, whole: bool) -> str:
    if not whole and any({copy.at.path for copy in group} != set(files) for group in groups):
        return "among"
    return _BESIDE[same] if len(files) == 1 and several else _VARIANTS[len(groups) > 1, same]


def _tells(group: list[Copy], telling: frozenset[Copy]) -> bool:
    """Whether it is no chance, and no likeness of networks: of those only what is the same is one thing."""
    alike = not group[0].network or all(copy.same for copy in group)
    return alike and any(copy.sure for copy in group) and _are_told(group, telling)


def _scripts(files: tuple[str, ...]) -> list[str]:
    return [path for path in files if not path.endswith(_NOTEBOOK)]


def _called(copy: Copy) -> str:
    """A function by its name; what a script does outside of any is not all of the file."""
    name = copy.name.partition("#")[0]
    script = copy.id.startswith("module:") and not name.endswith(_NOTEBOOK)
    return f"{name} outside of functions" if script else name


def _told(copy: Copy) -> str:
    more = [f"with {', '.join(copy.differs)} of its own"] if copy.differs else []
    less = [f"without {', '.join(copy.lacks)}"] if copy.lacks else []
    how = "with other values" if copy.share == _WHOLE else "with small differences"
    other = [how] if not (more or less or copy.same) else []
    return ", ".join([f"copy: {_called(copy)}", *more, *less, *other])


def _shortest(paths: tuple[str, ...]) -> list[str]:
    """The names of files, where they tell them apart."""
    names = [posixpath.basename(path) for path in paths]
    return names if len(set(names)) == len(names) else list(paths)


def _listed(names: list[str]) -> str:
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
