"""Read-only questions: one setting with different values in one component, or along one model's chain."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.graph.code import Literal
from mldebt.graph.given_apart import given_apart
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.settings import DefinedSetting, Overridden, is_of_this_machine, same_place, shared_defaults
from mldebt.graph.superseded import superseded
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span

_MEANS = frozenset({"hyperparameter", "threshold"})
_STARTS = frozenset({"env", "compose", "container", "deployment", "ci"})
_AGREED = 2
_WORD = re.compile(r"[a-z]{3,}")
_PLAIN = frozenset({"number", "bool"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DEFAULT = re.compile(r"\$\{(?P<name>\w+):?-(?P<value>[^{}$]*)\}")
_THIS_MACHINE: Mapping[str, str] = dict.fromkeys(("0.0.0.0", "127.0.0.1", "::", "::1"), "localhost")
"""A server that listens on every address of its machine is asked for under its own name."""


@dataclass(frozen=True, slots=True)
class Said:
    """One place that gives the setting a value; `in_force` unless nothing reads it."""

    value: str
    at: Span
    where: str  # in words
    in_force: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """A setting with its places, those in force first."""

    name: str
    scope: str
    places: tuple[Said, ...]
    confidence: Confidence = Confidence.HINT


def conflicts(graph: Graph) -> Iterator[Conflict]:
    """All of them, each once."""
    old, together, shared = superseded(graph), _Together(graph), shared_defaults(graph.code.settings)
    settings = [
        one for one in graph.code.settings
        if one.purpose is Purpose.PRODUCTION and not one.template and not (one.file in old or one.at in shared)
    ]  # fmt: skip
    literals = [one for one in graph.code.literals if one.at.path not in old]
    yield from _defaults(settings)
    yield from _fallbacks(settings)
    yield from _deployed(settings)
    yield from _ignored(settings, literals)
    yield from _files(settings, together)
    yield from _options(settings)
    yield from _commanded(settings, graph.code.overridden)
    yield from _put_twice(settings)
    yield from _constants(literals, together)
    yield from _arguments(graph)


def _defaults(settings: list[DefinedSetting]) -> Iterator[Conflict]:
    """One variable of the environment with several defaults in the code of one component."""
    groups: dict[tuple[str, str], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        if one.form == "code" and one.scope == "env":
            groups[one.component, one.name].append(one)
    for (component, name), ones in sorted(groups.items()):
        said = [one for one in ones if one.value.strip()]
        meant = [one for one in said if " " not in one.value.strip()] or said  # "not set" is what people are shown
        values = {one.file: {other.value for other in meant if other.file == one.file} for one in meant}
        if len(values) > 1 and all(len(own) == 1 for own in values.values()):  # else one file chooses by where it runs
            each_its_own = len(values) > 2 and len(set.union(*values.values())) == len(values)
            lies = all("/" in one.value for one in meant)  # how a program does its work is its own
            given = _given(settings, name, {one.value for one in meant})
            told = [_said(one, f"default in {one.file}") for one in meant]
            told += [_said(one, f"in {one.file}") for one in given]
            one_thing = lies and not each_its_own and _are_called_alike({one.value for one in meant})
            sure = Confidence.LIKELY if given or one_thing else Confidence.HINT
            yield from _differing(name, component, told, sure)


def _fallbacks(settings: list[DefinedSetting]) -> Iterator[Conflict]:
    """A number that one variable has in the code unless it is said otherwise, and another one in what starts it."""
    asked: dict[str, list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        if one.form == "code" and one.scope == "env" and _is_number(one.value):
            asked[one.name].append(one)
    for one in settings:
        default = _DEFAULT.fullmatch(one.value.strip()) if one.form in _STARTS else None
        ones = asked.get(one.name, []) if default is not None and default["name"] == one.name else []
        ones = [other for other in ones if other.at in one.read_at or set(other.read_at) & set(one.read_at)]
        if default is not None and _is_number(default["value"]) and len({other.value for other in ones}) == 1:
            started = Said(default["value"], one.at, f"default in {one.file}")
            told = [started, *(_said(other, f"default in {other.file}") for other in ones)]
            yield from _differing(one.name, one.component, told, Confidence.LIKELY)


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None


def _given(settings: list[DefinedSetting], name: str, defaults: set[str]) -> list[DefinedSetting]:
    """What a variable is given where programs are started, when that is one of its defaults, each time the same."""
    found = [one for one in settings if one.form in _STARTS and one.name == name and one.value.strip()]
    values = {one.value for one in found}
    return found if len(found) >= _AGREED and len(values) == 1 and values <= defaults else []


def _deployed(settings: list[DefinedSetting]) -> Iterator[Conflict]:
    """One variable in a `.env` file and, for the program it is meant for, in a compose file beside it."""
    groups: dict[tuple[str, str], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        if one.form in ("env", "compose") and one.value and "$" not in one.value and not one.environment:
            groups[one.component, one.name].append(one)
    for (component, name), ones in sorted(groups.items()):
        composed = [one for one in ones if one.form == "compose"]
        services = {one.scope for one in composed}
        if len(services) == 1 and len({one.file for one in composed}) == 1 and any(one.read_at for one in ones):
            said = [_said(one, one.file, in_force=one.form == "compose") for one in (*composed, *ones)]
            yield from _differing(name, component, list(dict.fromkeys(said)))


def _ignored(settings: list[DefinedSetting], literals: Iterable[Literal]) -> Iterator[Conflict]:
    """A key that nothing reads, while the code gives the argument of its name another value."""
    written: dict[tuple[str, str], list[Literal]] = defaultdict(list)
    for one in literals:
        if one.role in _MEANS and one.name and one.purpose is Purpose.PRODUCTION and not one.default:
            written[one.component, one.name].append(one)
    for key in settings:
        if key.form == "config" and key.kind in _PLAIN and not (key.read_at or key.passed_on):
            ones = written.get((key.component, key.key[-1]), [])
            loaded = {at.path for at in key.loaded_by}
            near = [one for one in ones if one.at.path in loaded]
            values = {_plain(one.value) for one in near}
            if len(values) == 1 and _plain(key.value) not in values:
                said = [Said(one.value, one.at, f"in the code of {one.at.path}") for one in near]
                unread = Said(key.value, key.at, f"in {key.file}, which nothing reads", in_force=False)
                yield Conflict(key.name, key.component, (*said, unread))


def _files(settings: list[DefinedSetting], together: _Together) -> Iterator[Conflict]:
    """One key of two files that are loaded in different places of one system, both of them read."""
    groups: dict[tuple[str, ...], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        told = any(not at.cell for at in one.read_at)  # what only notebooks read may be results
        if one.form == "config" and one.kind in _PLAIN and told and not one.environment:
            groups[one.key].append(one)
    for key, ones in sorted(groups.items()):
        for first in ones[:1]:
            others = [
                one for one in ones
                if one.file != first.file and together.belong(first.loaded_by, one.loaded_by)
                and not {at.path for at in first.loaded_by} & {at.path for at in one.loaded_by}
                and not {at.path for at in first.read_at} & {at.path for at in one.read_at}
            ]  # fmt: skip
            said = [_said(one, f"in {one.file}, read in {one.read_at[0].path}") for one in (first, *others)]
            yield from _differing(".".join(key), first.component, said)


def _options(settings: list[DefinedSetting]) -> Iterator[Conflict]:
    """An option of a command whose default differs from the key of its name in the file that the program loads."""
    keys: dict[tuple[str, str], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        if one.form == "config" and one.kind in _PLAIN and len(one.key) <= 2:
            for loader in one.loaded_by:
                keys[loader.path, one.key[-1]].append(one)
    for option in settings:
        if option.form == "code" and option.scope == "option" and option.kind in _PLAIN:
            name = option.name.lstrip("-").replace("-", "_")
            ones = keys.get((option.file, name), [])
            if len({one.value for one in ones}) == 1:
                said = [_said(option, f"default of {option.name}"), _said(ones[0], f"in {ones[0].file}")]
                yield from _differing(name, option.component, said)


def _commanded(settings: list[DefinedSetting], overridden: Iterable[Overridden]) -> Iterator[Conflict]:
    """An option whose default is another value than the key of its name which a declared command gives it."""
    keys: dict[tuple[str, Span], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        for at in one.read_at if one.form == "config" and one.kind in _PLAIN else ():
            keys[one.key[-1].replace("-", "_"), at].append(one)
    for option in overridden:
        ones = keys.get((option.name.lstrip("-").replace("-", "_"), option.given_at), [])
        for key in [one for one in ones if _plain(one.value) == _plain(option.given)][:1]:
            default = Said(option.default, option.at, f"default of {option.name} in {option.at.path}")
            told = [_said(key, f"in {key.file}, given by {option.given_at.path}"), default]
            yield from _differing(key.name, option.component, told, Confidence.LIKELY)


def _put_twice(settings: list[DefinedSetting]) -> Iterator[Conflict]:
    """A key that code puts into the settings of an application, and that a class which gives the others holds, too."""
    groups: dict[tuple[str, str], list[DefinedSetting]] = defaultdict(list)
    for one in settings:
        if one.form == "app" and one.kind and one.read_at:
            groups[one.loaded_by[0].path, one.name].append(one)
    for (path, name), ones in sorted(groups.items()):
        put = [one for one in ones if one.file == path and not one.scope]
        held = [one for one in ones if one.scope]
        if len(put) == 1 and held and all(_plain(one.value) != _plain(put[0].value) for one in held):
            said = [_said(put[0], f"set in {path}"), *(_said(one, f"in {one.scope}", in_force=False) for one in held)]
            yield from _differing(name, put[0].component, said)


def _constants(literals: Iterable[Literal], together: _Together) -> Iterator[Conflict]:
    """Two constants of one name that are used for the same thing, with different values."""
    groups: dict[tuple[str, str, str], dict[Span, Literal]] = defaultdict(dict)
    for one in literals:
        if one.constant and one.role in _MEANS and one.purpose is Purpose.PRODUCTION and not one.at.cell:
            groups[one.constant, one.role, one.name].setdefault(one.at, one)
    for (name, _, _), found in sorted(groups.items()):
        ones = [one for one in found.values() if together.belong((next(iter(found)),), (one.at,))]
        files = {one.at.path for one in ones}
        if len(files) > 1:
            said = [Said(one.value, one.at, f"in {one.at.path}") for one in ones]
            yield from _differing(name, ones[0].component, said)


def _arguments(graph: Graph) -> Iterator[Conflict]:
    """A parameter to which code gives one number, and other code a setting with another value."""
    for apart in given_apart(graph):
        for written, asked in apart.pairs if apart.differs else ():
            own = written.file != ""
            said = [
                Said(asked.value, asked.at, f"{asked.setting}, given in {asked.at.path}"),
                Said(written.value, written.at, f"in the code of {written.at.path}"),
            ]
            sure = Confidence.LIKELY if own else Confidence.HINT  # of a library, each may prepare data of its own
            name = written.parameter if written.parameter.isidentifier() else written.callee.rpartition(".")[2]
            yield from _differing(name, f"{written.component}:{written.callee}", said, sure)


def _said(one: DefinedSetting, where: str, *, in_force: bool = True) -> Said:
    return Said(one.value, one.at, where, in_force)


def _differing(
    name: str, scope: str, said: list[Said], confidence: Confidence = Confidence.HINT
) -> Iterator[Conflict]:
    values = {_plain(one.value) for one in said}
    if len(values) > 1 and not any("***" in value for value in values):
        ordered = sorted(dict.fromkeys(said), key=lambda one: (not one.in_force, one.at))
        alike = _are_siblings(values) or _are_one_way(values) or _are_here_and_there(values)
        sure = Confidence.HINT if alike else confidence
        yield Conflict(name, scope, tuple(ordered), sure)


def _are_called_alike(values: set[str]) -> bool:
    """Whether places may be those of one thing: addresses, or paths whose last names have a word in common."""
    if any("://" in value for value in values):
        return True
    stems = (posixpath.splitext(posixpath.basename(value.rstrip("/")))[0].lower() for value in values)
    return bool(frozenset.intersection(*(frozenset(_WORD.findall(stem)) for stem in stems)))


def _are_siblings(values: set[str]) -> bool:
    """Whether they are folders in one folder: each program may be meant to have its own."""
    folders = {posixpath.dirname(value.rstrip("/")) for value in values}
    return len(folders) == 1 and folders != {""} and not any(posixpath.splitext(value)[1] for value in values)


def _are_here_and_there(values: set[str]) -> bool:
    """Whether they are one server for those on its machine, and for those in its network."""
    return len(values) == 2 and sum(map(is_of_this_machine, values)) == 1


def _are_one_way(values: set[str]) -> bool:
    """Whether they end alike: the same place, from a folder where a program runs and from the top."""
    longest = max(values, key=len)
    return all(f"/{longest}".endswith(f"/{value.removeprefix('./')}") for value in values)


def _plain(value: str) -> str:
    """A value so that equal ones are written alike."""
    text = same_place(value.strip().strip("\"'")).lower()
    try:
        return f"{float(text):g}"
    except ValueError:
        return {"yes": "true", "on": "true", "no": "false", "off": "false", **_THIS_MACHINE}.get(text, text)


class _Together:
    """Which files belong to one system: of one component, or joined by what one writes and the other reads."""

    def __init__(self, graph: Graph) -> None:
        self._component = {one.path: one.component for one in graph.code.definitions}
        writers: dict[str, set[str]] = defaultdict(set)
        for edge in graph.edges(EdgeKind.WRITES):
            writers[edge.target].add(edge.at.path)
        self._joined = {
            (writer, edge.at.path) for edge in graph.edges(EdgeKind.READS) for writer in writers.get(edge.source, ())
        }

    def belong(self, first: Iterable[Span], second: Iterable[Span]) -> bool:
        """Whether some place of the one and some of the other do."""
        one, other = {at.path for at in first}, {at.path for at in second}
        parts = {self._component.get(path, path) for path in one} & {self._component.get(path, path) for path in other}
        return bool(parts) or any((a, b) in self._joined or (b, a) in self._joined for a in one for b in other)
