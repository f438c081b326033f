"""Read-only questions: which keys of loaded settings files nobody reads, the largest unread section first."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mldebt.graph.environment import package_names
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.settings import DefinedSetting
from mldebt.source import Purpose

Key = tuple[str, ...]
_PROSE = re.compile(r"[^\W\d_][\w'/&-]*[,.:;]?(?: [(\"'&-]*[\w'/&%-]*[,.:;)\"'!?]*){2,}")
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]{2}")
_OTHERS = (  # other programs read these, whatever code here takes from them
    "pyproject.toml", "setup.cfg", "tox.ini", "package.json", "*compose*.y*ml", "dvc.yaml", "mkdocs.y*ml",
    ".pre-commit-config.yaml", "environment.y*ml", "dbt_project.yml", "profiles.yml", "mlproject",
    "catalog*.y*ml", "*.dvc", "dvc.lock",
)  # fmt: skip
_FORMS = (  # what stands at the top of files that clusters, workflows and interfaces are described in
    frozenset({"apiVersion", "kind"}), frozenset({"on", "jobs"}), frozenset({"openapi", "paths"}),
)  # fmt: skip
_RULES = frozenset({"groups"})
"""All that stands at the top of a file of rules for alerts."""
_SEVERAL = 6


@dataclass(frozen=True, slots=True)
class Unread:
    """A key or section that nobody reads. `others` are more of the same: keys beside it, or in other elements of
    a list. `read` is a key of the file that is read, which shows that its loader is known. `listed`: it stands beside
    others of its form, so that a name that is not known may choose it. `in_sight`: code that could be followed asks for
    something of the section it stands in; otherwise that may be taken as a whole. `mostly`: code asks for half of the
    file by name, which is done with settings and seldom with data. `in_passing`: what loads the file loads many
    and asks each for little, so that they are the settings of another program."""

    setting: DefinedSetting
    others: tuple[DefinedSetting, ...]
    below: int
    read: DefinedSetting
    listed: bool = False
    in_sight: bool = True
    mostly: bool = False
    in_passing: bool = False


def unread(graph: Graph) -> Iterator[Unread]:
    """For each file that code loads and follows at least in part, what of it is read by nobody."""
    files = frozenset(one.file for one in graph.code.settings if one.form == "config")
    every = list(_files(graph))
    loads = Counter(loader for settings in every for loader in settings[0].loaded_by)
    elsewhere = _Asked(graph, every)
    for settings in every:
        live = _live(settings)
        read = next((one for one in settings if one.key in live and _in_code(one, files)), None)
        if read is None:
            continue
        dead = [
            one for one in settings
            if one.key not in live and one.key[:-1] in live and not one.key[-1].isdigit()  # an element is no setting
            and not _is_prose(one) and not elsewhere.ask_for(one)
        ]  # fmt: skip
        inside = Counter(above for one in settings for above in _above(one.key))
        forms = _forms(settings)
        asked = {above for one in settings if one.read_at for above in (*_above(one.key), one.key)}
        for group in _together(dead):
            listed = len(group) == 1 and _is_listed(group[0].key, forms)
            in_sight = all(above in asked for above in _above(group[0].key)) and not group[0].in_section
            mostly = _is_mostly_read(settings)
            passing = all(loads[loader] >= _SEVERAL for loader in read.loaded_by) and not _is_half_read(settings)
            others = tuple(group[1:])
            yield Unread(group[0], others, inside[group[0].key], read, listed, in_sight, mostly, passing)


class _Asked:
    """What code asks of each settings file: it may mean a file of the same form, too, that whoever runs it names."""

    def __init__(self, graph: Graph, files: Iterable[list[DefinedSetting]]) -> None:
        self._tops = {settings[0].file: frozenset(one.key[0] for one in settings) for settings in files}
        self._keys: dict[str, set[Key]] = defaultdict(set)
        for read in graph.code.setting_reads:
            for file in read.files if read.how == "config" else ():
                self._keys[file].add(read.key)

    def ask_for(self, one: DefinedSetting) -> bool:
        """Whether a key, or one that lies in it, is asked of another file of the form of its own."""
        own = self._tops[one.file]
        alike = (
            keys for file, keys in self._keys.items()
            if file != one.file and 2 * len(own & self._tops.get(file, frozenset())) >= len(own)
        )  # fmt: skip
        return any(key[: len(one.key)] == one.key for keys in alike for key in keys)


def _is_mostly_read(settings: list[DefinedSetting]) -> bool:
    """Whether programs, and not only notebooks, ask for half of the plain keys of a file, and for several; a file most
    of which are records of a list is a table."""
    plain, read = _plain(settings)
    in_records = sum(any(part.isdigit() for part in one.key[:-1]) for one in plain)
    return len(read) >= _SEVERAL and 2 * len(read) >= len(plain) > 2 * in_records


def _is_half_read(settings: list[DefinedSetting]) -> bool:
    plain, read = _plain(settings)
    return 2 * len(read) >= len(plain)


def _plain(settings: list[DefinedSetting]) -> tuple[list[DefinedSetting], list[DefinedSetting]]:
    """The plain keys of a file, and those that programs ask for."""
    plain = [one for one in settings if one.kind not in ("map", "list")]
    return plain, [one for one in plain if any(not at.cell for at in one.read_at)]


def _is_prose(one: DefinedSetting) -> bool:
    """Whether a text is for people, as a comment is: words of a language, or letters that no code is written in."""
    return one.kind == "text" and (_PROSE.fullmatch(one.value) is not None or _FOREIGN.search(one.value) is not None)


def _in_code(one: DefinedSetting, files: frozenset[str]) -> bool:
    """Whether something else than settings files, which refer to each other, asks for a key."""
    return any(at.path not in files for at in one.read_at)


def unused_variables(graph: Graph) -> Iterator[DefinedSetting]:
    """Variables that a Terraform module declares and does not use."""
    for one in graph.code.settings:
        if one.form == "terraform" and one.scope == "variable" and not one.read_at and one.file.endswith(".tf"):
            if one.purpose is Purpose.PRODUCTION:
                yield one


def unread_app_settings(graph: Graph) -> Iterator[tuple[list[DefinedSetting], DefinedSetting]]:
    """For each file whose names are settings of an application, those that nobody asks for, and one that is read."""
    files: dict[str, list[DefinedSetting]] = defaultdict(list)
    for one in graph.code.settings:
        if one.form == "app" and one.purpose is Purpose.PRODUCTION:
            files[one.file].append(one)
    for _, settings in sorted(files.items()):
        read = next((one for one in settings if one.read_at), None)
        unused = [one for one in settings if not (one.read_at or one.passed_on or one.mentioned)]
        if read is not None and unused:
            yield unused, read


def words_of_packages(graph: Graph) -> frozenset[str]:
    """The words in the names of the packages that are installed or imported."""
    installed = package_names(graph.code.environments, graph.code.imported)
    return frozenset(word for name in installed for word in re.split(r"[-_.]", name))


def is_for_a_package(variable: str, packages: Set[str]) -> bool:
    """Whether a variable begins with the name of a package, which reads it by itself."""
    return variable.lower().partition("_")[0] in packages


def unread_entries(graph: Graph) -> Iterator[list[DefinedSetting]]:
    """For each file of variables that is loaded, those that nothing reads."""
    packages = words_of_packages(graph)
    files: dict[str, list[DefinedSetting]] = defaultdict(list)
    for one in graph.code.settings:
        if one.form == "env" and one.loaded_by and one.purpose is Purpose.PRODUCTION:
            files[one.file].append(one)
    for _, entries in sorted(files.items()):
        unread = [
            one for one in entries
            if not (one.read_at or one.passed_on or one.mentioned)
            and not is_for_a_package(one.name, packages)
        ]  # fmt: skip
        if unread and len(unread) < len(entries):
            yield unread


def _files(graph: Graph) -> Iterator[list[DefinedSetting]]:
    written = {
        edge.target.removeprefix("artifact:file:") for edge in graph.edges(EdgeKind.WRITES)
        if edge.target.startswith("artifact:file:")
    }  # fmt: skip
    files: dict[str, list[DefinedSetting]] = defaultdict(list)
    aside = {one.path for one in graph.code.definitions if one.purpose is Purpose.ASIDE}
    for one in graph.code.settings:
        loaded = any(at.path not in aside for at in one.loaded_by)
        if one.form == "config" and loaded and not one.template and one.purpose is Purpose.PRODUCTION:
            files[one.file].append(one)
    for file, settings in sorted(files.items()):
        name, tops = posixpath.basename(file).lower(), {one.key[0] for one in settings}
        others = any(fnmatchcase(name, pattern) for pattern in _OTHERS) or any(form <= tops for form in _FORMS)
        others = others or tops == _RULES
        if file not in written and not others:
            yield settings


def _live(settings: list[DefinedSetting]) -> frozenset[Key]:
    """The keys that are used, or hold one that is. What an anchor shares is used wherever it is.

    Who means a key by its word alone has to come through the section that it stands in."""
    asked = {one.key for one in settings if one.read_at}
    around = {above for key in asked for above in _above(key)}
    whole = asked - around  # a section that is asked for, and nothing in it: somebody takes all of it
    used: set[Key] = set(asked)
    reached: set[Key] = {()}
    for one in sorted(settings, key=lambda one: len(one.key)):
        by_word = (one.mentioned or _is_internal(one)) and one.key[:-1] in reached
        if by_word or one.passed_on or whole & set(_above(one.key)):
            used.add(one.key)
        if one.key in used or one.key in around or (one.key[-1].isdigit() and one.key[:-1] in reached):
            reached.add(one.key)
    shared = {one.at for one in settings if one.key in used}
    used |= {one.key for one in settings if one.at in shared}
    return frozenset({(), *used, *(above for key in used for above in _above(key))})


def _above(key: Key) -> list[Key]:
    return [key[:length] for length in range(1, len(key))]


def _forms(settings: list[DefinedSetting]) -> dict[Key, frozenset[str]]:
    """The names that stand directly under each key."""
    found: dict[Key, set[str]] = defaultdict(set)
    for one in settings:
        found[one.key[:-1]].add(one.key[-1])
    return {key: frozenset(names) for key, names in found.items()}


def _is_listed(key: Key, forms: dict[Key, frozenset[str]]) -> bool:
    """Whether half of the names under a key stand under a key beside it, too."""
    own = forms.get(key, frozenset())
    others = [forms.get((*key[:-1], name), frozenset()) for name in forms.get(key[:-1], ()) if name != key[-1]]
    return bool(own) and any(2 * len(own & other) >= len(own | other) for other in others)


def _is_internal(one: DefinedSetting) -> bool:
    """Whether a key holds what anchors of the file refer to, and no setting of its own."""
    return one.key[-1].startswith(("x-", "_", "."))


def _together(dead: list[DefinedSetting]) -> Iterator[list[DefinedSetting]]:
    """Sections one by one and plain keys of one section together, each with the same in sections beside it."""
    groups: dict[object, list[DefinedSetting]] = defaultdict(list)
    for one in dead:
        groups[one.key if one.kind in ("map", "list") else (one.key[:-1],)].append(one)
    alike: dict[object, list[DefinedSetting]] = defaultdict(list)
    for group in groups.values():
        first = group[0]
        alike[_general(first.key[:-2]), len(first.key), tuple(one.key[-1] for one in group)] += group
    yield from alike.values()


def _general(key: Key) -> Key:
    return tuple("*" if part.isdigit() else part for part in key)


def names(settings: Iterable[DefinedSetting]) -> str:
    """Their keys in words, each once; `*` for what only differs from one section to the next."""
    known = list(dict.fromkeys(_general(one.key) for one in settings))
    last = list(dict.fromkeys(key[-1] for key in known))
    if len({key[:-1] for key in known}) > 1:
        known = [(*key[:-2], "*", key[-1]) for key in known[: len(last)]]
    words = list(dict.fromkeys(".".join(key) for key in known))
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
