"""Read-only questions about literals that are settings: places, dates, hyperparameters."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mldebt.graph.code import Literal, is_spelled_out
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, NodeKind
from mldebt.graph.settings import DefinedSetting
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span, folders_above

FEWEST_IN_FOLDER = 3
FEWEST_IN_FILE = 5
MANY_FILES = 4
MOST_TOLD = 3
NO_PROJECT = "?"
OF_A_MACHINE = re.compile(r"^(?:/(?:home|Users|mnt|media|scratch|Volumes)/\w|[A-Za-z]:[\\/]\w|~/\w|/content/drive/)")
_HOLE = re.compile(r"\{[^}]*\}")
_FILLED = re.compile(r"\{[^}]*\}|%(?:\(\w+\))?[-+ #0-9.]*[a-zA-Z]")
_OWN_LISTS = frozenset({"requirements", "constraints", "lock"})


@dataclass(frozen=True, slots=True)
class Repeated:
    """One setting with all places where it is written; `together` with others that one change means as well. `what`
    and `value` are words for people, `home` is a setting that holds the same and that the code passes over."""

    kind: str  # path, bucket, host, folder, place, file, date, hyperparameter
    key: str
    what: str
    value: str
    literals: tuple[Literal, ...]
    confidence: Confidence = Confidence.CERTAIN
    together: bool = False
    home: DefinedSetting | None = None


def loose(graph: Graph) -> list[Literal]:
    """The literals of production code that are no defaults and no constants of a module or class that
    only holds settings. Their component is the project they belong to: the folder with its own
    requirements, or the whole repository."""
    homes = _homes(graph)
    roots = projects(graph)
    return [
        replace(one, component=project_of(one.at.path, roots))
        for one in graph.code.literals
        if one.purpose is Purpose.PRODUCTION and not one.default
        and not (one.constant and ((one.at.path, "") in homes or (one.at.path, one.symbol) in homes))
    ]


def repeated_places(made: Collection[str], kept: Collection[str], literals: Iterable[Literal]) -> Iterator[Repeated]:
    """A path, or a constant that holds parts of one, written in two files or more. What the code writes itself (`made`)
    lies there in every run, unless its name says of which it is; settings that the repository keeps always do."""
    places = [one for one in literals if one.role in ("path", "bucket") and _says(one)]
    yield from _of_same_files(_repeated_constants(made, (one for one in places if one.constant)))
    groups: dict[str, dict[object, Literal]] = defaultdict(dict)
    for one in places:
        if not one.constant and "/" in one.value.strip("./"):
            groups[plain_path(one.value)].setdefault(one.at, one)
    for value, found in sorted(groups.items()):
        ones = _in_one_folder(found.values())
        copies = {(posixpath.basename(one.at.path), one.symbol, one.at.line) for one in ones}  # of whole modules
        if "/" in value and len(copies) >= FEWEST_IN_FOLDER and len({name for name, *_ in copies}) > 1:
            few = len({one.at.path for one in ones}) < MANY_FILES
            always = value in kept or (few and _is_made(value, made))
            sure = Confidence.HINT if always else _told_apart(ones)
            yield Repeated("place", value, "The path", value, ones, sure)


def _in_one_folder(literals: Iterable[Literal]) -> tuple[Literal, ...]:
    """Those that mean the same place, the most of them: the same text below the folders of several runs is none."""
    ones = tuple(literals)
    folders = Counter(one.name for one in ones if one.name not in ("", "part"))
    chosen = max(sorted(folders), key=folders.__getitem__, default="")
    return tuple(one for one in ones if one.name in ("", "part", chosen))


def file_names(handed: Mapping[str, bool], literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Names of files that one file of code hands to another, spelled in several places of several files; those that
    the same files spell together. `handed` tells whether one file alone is called so. A name that holds no version,
    date or variant is the same in every run."""
    named: dict[str, dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.role == "path" and not one.constant and "/" not in one.value.removeprefix("./") and one.value in handed:
            named[one.value].setdefault(one.at, one)
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for name, found in sorted(named.items()):
        files = {one.at.path for one in found.values()}
        if len(found) >= FEWEST_IN_FOLDER and len(files) > 1:
            groups[handed[name], tuple(sorted(files))].append(name)
    for (alone, _), names in sorted(groups.items()):
        told = f"{names[0]}, beside {len(names) - 1} more," if len(names) > 1 else names[0]
        ones = tuple(one for name in names for one in named[name].values())
        # Folders that hold the same parts call them alike: only who knows the files can tell.
        sure = _told_apart(ones) if alone and _says_which(names) else Confidence.HINT
        yield Repeated("file", ":".join(names), "The file name", told, ones, sure, together=len(names) > 1)


def _is_made(value: str, made: Collection[str]) -> bool:
    """Whether a path is a file that the code makes, or a folder for such, of no particular run."""
    return any(f"/{value}/" in f"/{path}/" for path in made) and not _says_which([value])


def _says_which(names: Iterable[str]) -> bool:
    """Whether a name holds a version, a date or the number of a variant."""
    return any(mark.isdigit() for name in names for mark in posixpath.splitext(name)[0])


def made_here(graph: Graph) -> frozenset[str]:
    """The files that the code writes."""
    targets = (graph.node(edge.target) for edge in graph.edges(EdgeKind.WRITES))
    return frozenset(node.id.partition(":file:")[2] for node in targets if node.store is Store.FILE)


def handed_over(graph: Graph) -> dict[str, bool]:
    """The names of files that one file of code writes and another reads, and whether one file alone is called so."""
    called: dict[str, set[str]] = defaultdict(set)
    found = set()
    for kind in (NodeKind.ARTIFACT, NodeKind.SOURCE):
        for node in graph.nodes(kind):
            called[posixpath.basename(node.name)].add(node.id)
            writers = {edge.at.path for edge in graph.in_edges(node.id, EdgeKind.WRITES)}
            readers = {edge.at.path for edge in graph.out_edges(node.id, EdgeKind.READS)}
            if node.store in (Store.FILE, Store.OBJECT) and writers and readers - writers:
                found.add(posixpath.basename(node.name))
    return {name: len(called[name]) == 1 and "{" not in min(called[name]) for name in sorted(found)}


def _repeated_constants(made: Collection[str], literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Constants that hold the same texts in several files, and say the same as a whole; bare words, under one name."""
    held: dict[tuple[str, str], dict[Span, Literal]] = defaultdict(dict)
    for one in literals:
        held[one.at.path, one.constant].setdefault(one.at, one)
    groups: dict[tuple[str, tuple[str, ...], str], list[Literal]] = defaultdict(list)
    for (_, constant), found in sorted(held.items()):
        ones = [found[at] for at in sorted(found)]
        values, whole = tuple(dict.fromkeys(plain_path(one.value) for one in ones)), plain_path(ones[0].held)
        whole = whole if values[0].startswith("/") else whole.lstrip("/") or whole  # below a folder of the code
        groups["" if _is_way(values, whole) else constant, values, whole] += ones
    for (constant, values, held_as), found_in in sorted(groups.items()):
        ends = "" if held_as == "." else posixpath.basename(held_as)
        rests = held_as == "." and all(value.startswith("/") for value in values)  # of paths that begin elsewhere
        rests = rests and all(one.name == "part" for one in found_in)
        # Below a folder of one machine nothing is said but that.
        less = all(_is_piece(one) for one in found_in) or OF_A_MACHINE.match(found_in[0].held) is not None
        if len(_apart(found_in)) > 1 and not _HOLE.search(ends) and not rests and not less:
            several = _are_several(values) or (len(values) > 1 and held_as == ".")
            whole = held_as if _is_said(held_as) else posixpath.join(*values)
            told = whole if not several else ", ".join(values)
            told = told if len(values) <= MOST_TOLD or not several else f"{values[0]} and {len(values) - 1} more"
            names = sorted({one.constant for one in found_in})
            # A bare name is what folders of the same form call their parts.
            # What two files alone repeat is one hand-over, or two halves of one program.
            several_files = not constant and len(_apart(found_in)) >= FEWEST_IN_FOLDER
            told_apart = several_files or _are_neighbours(found_in)
            told_apart = told_apart and not (is_spelled_out(told) and _is_made(told, made))
            sure = _told_apart(found_in) if told_apart else Confidence.HINT
            yield Repeated("place", ":".join((*names, *values)), f"{', '.join(names)} =", told, tuple(found_in), sure)


def _are_several(values: tuple[str, ...]) -> bool:
    """Whether the texts of a constant are names of several files, and no parts of one path."""
    return sum(bool(posixpath.splitext(value)[1]) for value in values) > 1


def _is_way(values: tuple[str, ...], held: str) -> bool:
    """Whether a constant says more than a bare name: a folder and what lies in it."""
    parts = len(values) > 1 and held != "." and not _are_several(values)
    return parts or _is_said(held) or any("/" in value for value in values)


def _is_said(held: str) -> bool:
    """Whether a constant is one path, all of which is known."""
    return "/" in held.strip("/") and not _HOLE.search(held)


def _of_same_files(constants: Iterable[Repeated]) -> Iterator[Repeated]:
    """Constants; those that the same files repeat together, as they are one block of lines."""
    groups: dict[tuple[object, ...], list[Repeated]] = defaultdict(list)
    for one in constants:
        files = frozenset(literal.at.path for literal in one.literals)
        groups[files, one.confidence].append(one)
    for first, *others in groups.values():
        told = f"{first.value}, beside {len(others)} more," if others else first.value
        literals = tuple(literal for one in (first, *others) for literal in one.literals)
        yield replace(first, value=told, literals=literals, together=bool(others))


def _told_apart(literals: Iterable[Literal]) -> Confidence:
    """How sure a repeated path is a burden: an absolute one that is of no machine is where a platform or an image keeps
    things, and each notebook stands by itself, as does the script of its name, and each project."""
    ones = tuple(literals)
    platform = all(one.value.startswith("/") for one in ones)
    notebooks = {posixpath.splitext(one.at.path)[0] for one in ones if one.at.cell}
    own = [one for one in ones if not one.at.cell and posixpath.splitext(one.at.path)[0] not in notebooks]
    files = Counter(project for project, _ in {(one.component, one.at.path) for one in own})
    return Confidence.HINT if platform or max(files.values(), default=0) < 2 else Confidence.LIKELY


def _are_neighbours(literals: Iterable[Literal]) -> bool:
    """Whether they stand in several files of one folder: what they name beside them is the same."""
    files = _apart(one for one in literals if not one.at.cell)
    return len(files) >= FEWEST_IN_FOLDER and len(set(map(posixpath.dirname, files))) == 1


def _apart(literals: Iterable[Literal]) -> frozenset[str]:
    """The files in which they stand; a notebook and the script of its name are one program in two forms."""
    return frozenset(posixpath.splitext(one.at.path)[0] for one in literals)


def _is_piece(one: Literal) -> bool:
    """Whether a part of a text with holes ends in the middle of a name: `/source_` of `{}/source_{}.pt`."""
    _, found, rest = one.held.partition(one.value)
    return one.name == "part" and bool(found) and rest[:1] not in ("", "/") and one.value[-1] not in "/."


def folders(literals: list[Literal]) -> Iterator[Repeated]:
    """A folder of data that is spelled in several paths of one project."""
    code = {folder for one in literals for folder in one.at.path.split("/")[:-1]}
    groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.role == "path" and one.name not in ("", "part", "absolute") and "/" not in (one.value[0], one.name[0]):
            groups[one.component, one.name].setdefault(one.at, one)
    for (project, folder), found in sorted(groups.items()):
        files = {one.at.path for one in found.values()}
        fewest = FEWEST_IN_FOLDER if len(files) > 1 else FEWEST_IN_FILE
        if posixpath.basename(folder) not in code and len(found) >= fewest:
            ones = tuple(found.values())
            # `data` or `config` alone is what everybody calls it.
            told_apart = "/" in folder.strip("./") and len(found) >= FEWEST_IN_FILE
            spread = len(files) > 1 and told_apart and project != NO_PROJECT
            sure = Confidence.LIKELY if spread else Confidence.HINT  # in one file an editor finds them
            if any(_below(one.value, folder) for one in ones):
                yield Repeated("folder", f"{project}:{folder}", "The folder", folder, ones, sure)


def _homes(graph: Graph) -> frozenset[tuple[str, str]]:
    """Classes, and modules that only hold constants and classes of constants; what others import may load settings
    besides."""
    working = {one.path for one in graph.code.definitions if one.kind in ("function", "method")}
    working |= {node.at.path for node in graph.nodes() if node.role not in (None, Role.CONFIGURE)}
    imported = {use.path for use in graph.code.local_imports}
    classes = {(one.path, one.name) for one in graph.code.definitions if one.kind == "class"}
    modules = {
        (one.path, "")
        for one in graph.code.definitions
        if one.kind == "module" and one.path not in working and (one.path in imported or not one.runs)
    }
    return frozenset(classes | modules)


def projects(graph: Graph) -> frozenset[str]:
    """Folders with their own requirements, lock file or container; the top alone where it has them."""
    kinds = ("lock", "container", "pipeline")
    folders = {posixpath.dirname(one.path) for one in graph.code.unseen if one.kind in kinds}
    folders |= {posixpath.dirname(one.path) for one in graph.code.environments if one.form in _OWN_LISTS}
    return frozenset({""}) if "" in folders else frozenset(folders)


def project_of(path: str, roots: frozenset[str]) -> str:
    """The project that a file belongs to, of those whose folders are `roots`."""
    folder = next((folder for folder in folders_above(path) if folder in roots), "")
    return folder if folder in roots or not roots else NO_PROJECT


def _says(one: Literal) -> bool:
    """Whether a text names a place: not a mere kind of file, a format of one, or the beginning of an address."""
    named = any(mark.isalpha() for mark in _FILLED.sub("", one.value))
    return named and not one.value.endswith("://") and one.value[0] != "*"


def _below(path: str, folder: str) -> bool:
    """Whether a path names something in a folder, so that the folder is one."""
    return f"{folder}/" in path


def plain_path(path: str) -> str:
    """A path as it is written from the top of the repository."""
    plain = posixpath.normpath(path)
    while plain.startswith("../"):
        plain = plain[3:]
    return plain
