"""Settings that change between machines, runs or data sets and stand in the code as literals."""

from __future__ import annotations

import fnmatch
import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from mldebt.findings import Hit
from mldebt.graph import Graph, Literal
from mldebt.graph.bound_to_machines import held_addresses, machine_bound
from mldebt.graph.code import MENTION, REGISTERED
from mldebt.graph.given_apart import Apart, given_apart
from mldebt.graph.homes import accounts
from mldebt.graph.one_sided import Access, OneSided, one_sided, written_at
from mldebt.graph.reach import bystanders
from mldebt.graph.repeated_dates import dates
from mldebt.graph.repeated_names import hub_names, names_in_registries, registered_names
from mldebt.graph.repeated_numbers import hyperparameters
from mldebt.graph.repeated_splits import files_that_split, repeated_splits
from mldebt.graph.settings import Given
from mldebt.graph.settings_in_code import (
    Repeated,
    file_names,
    folders,
    handed_over,
    loose,
    made_here,
    plain_path,
    repeated_places,
)
from mldebt.graph.shared_places import Use, binds, uses
from mldebt.graph.spelled_again import held_elsewhere, with_mentions
from mldebt.graph.superseded import superseded
from mldebt.roles import Confidence
from mldebt.source import Span, folders_above
from mldebt.trail import MAX_STOPS, Stop

_REASON = {
    "path": "machine", "mount": "environment", "bucket": "environment", "host": "environment", "date": "run",
    "service": "environment", "nearby": "environment", "folder": "data set",
}  # fmt: skip
_OF_MACHINES = frozenset({"path", "mount", "bucket", "host", "service", "nearby"})
_LOADED = (REGISTERED, "read")


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each setting, with all its repeats."""
    for part in graph.parts():
        yield from _in_repository(part)
        yield from map(_of_arguments, _alike_given(one for one in given_apart(part) if not one.differs))
        yield from (_of_one_side(part, found) for found in one_sided(part))


def _in_repository(graph: Graph) -> Iterator[Hit]:
    code = frozenset(one.path for one in graph.code.definitions if one.kind == "module")
    folders_of_code = frozenset(folder for path in code for folder in folders_above(path)) - {""}
    old = superseded(graph)
    literals = [
        one for one in loose(graph)
        if not graph.code.is_library(one.at.path) and not _means(one.value, code)  # its callers choose
        and one.at.path not in old
        and not (one.constant and posixpath.normpath(one.held.lstrip("/")) in folders_of_code)
    ]  # fmt: skip
    taken: set[Span] = set()
    names, alike = partial(file_names, handed_over(graph)), _alike(graph)
    places = partial(repeated_places, made_here(graph) | _settings_files(graph), _settings_files(graph))
    machines = partial(machine_bound, accounts(graph), held_addresses(graph))
    registered = partial(registered_names, names_in_registries(graph))
    splits = partial(repeated_splits, files_that_split(graph))
    groups = (machines, folders, places, names, hub_names, registered, dates, splits, hyperparameters)
    told: list[Repeated] = []
    homes = held_elsewhere(graph)
    mentions, used, kept = [*literals, *homes], uses(graph), frozenset(map(_place, homes))
    for shown in (True, False):  # a hint takes no place from what is more, but what is of one machine is nothing else
        for group in groups:
            groups_found = _with_those_below(group([one for one in literals if one.at not in taken]))
            for found in (_as_sure_as_needed(one, used, kept) for one in groups_found):
                if not shown or group is machines or found.confidence is not Confidence.HINT:
                    taken |= {one.at for one in found.literals}
                    told.append(with_mentions(found, mentions))
    aside = bystanders(graph)
    for found in _of_one_file(told):
        hit = _hit(found)
        files = {one.at.path for one in found.literals}
        copied = len(files) > 1 and len({alike.get(file, file) for file in files}) == 1
        copied = copied and found.kind in ("file", "place")  # the files are copies as a whole
        yield replace(hit, confidence=Confidence.HINT) if copied or files <= aside else hit


def _alike_given(found: Iterable[Apart]) -> Iterable[list[Apart]]:
    """Those of one callee whose numbers and settings are the same in several files: one change mends them all."""
    groups: dict[object, list[Apart]] = defaultdict(list)
    for one in found:
        said = frozenset((_said(number), given.setting) for number, given in one.pairs)
        groups[one.pairs[0][0].callee, said].append(one)
    return groups.values()


def _said(one: Given) -> str:
    return f"{one.parameter}=".lstrip("0123456789=") + one.value


def _of_arguments(alike: list[Apart]) -> Hit:
    """Numbers that code gives a callee to which other code gives settings."""
    pairs = [pair for one in alike for pair in one.pairs]
    written, asked = (tuple(dict.fromkeys(one)) for one in zip(*pairs, strict=True))
    said, files = dict.fromkeys(map(_said, written)), len(alike)
    first, name = written[0], written[0].callee.rpartition(".")[2]
    stops = tuple(Stop(one.at, f"given by {one.setting}") for one in asked)
    again = tuple(Stop(one.at, f"literal: {one.value}") for one in written[1:])
    return Hit(
        at=first.at,
        details={
            "what": f"{name}({', '.join(said)})", "function": first.symbol or "the module", "path": asked[0].at.path,
            "setting": ", ".join(dict.fromkeys(one.setting for one in asked)), "count": str(files - 1),
        },
        keys=("argument", first.callee, *said),
        symbol=first.symbol,
        confidence=Confidence.LIKELY,
        trail=(Stop(first.at, f"literal: {first.value}"), *stops, *again)[:MAX_STOPS],
        related=(*stops, *again)[:MAX_STOPS],
        refutation=f"{name} is meant to be given its own numbers here",
        variant="arguments" if files > 1 else "argument",
    )  # fmt: skip


def _of_one_side(graph: Graph, found: list[OneSided]) -> Hit:
    """Paths in the code of files that another program takes from one setting."""
    first, setting, asked = found[0], found[0].setting, found[0].asked
    places = [written_at(graph, one) for one in found]
    names, count = dict.fromkeys(one.artifact.name for one in found), len(set(places))
    more = f" and {len(names) - 1} more are" if len(names) > 1 else " is"
    where = first.fixed.step.symbol or "the module"
    told = Stop(asked.step.at, f"{_done(asked)}: at what {setting.name} says")
    again = (Stop(at, f"literal: {one.artifact.name}") for at, one in zip(places[1:], found[1:], strict=True))
    return Hit(
        at=places[0],
        details={
            "artifact": f"{first.artifact.name}{more} {_done(first.fixed)}", "consumer": asked.step.at.path,
            "function": f"{where} and {count - 1} more" if count > 1 else where, "setting": setting.name.lstrip("."),
        },
        keys=("one side", first.artifact.id, setting.name),
        symbol=first.fixed.step.symbol,
        confidence=Confidence.LIKELY,
        trail=(Stop(places[0], f"literal: {first.artifact.name}"), Stop(setting.at, f"setting: {setting.name}"), told),
        related=(Stop(setting.at, f"setting: {setting.name}"), told, *dict.fromkeys(again))[:MAX_STOPS],
        refutation=f"{setting.name.lstrip('.')} has the same value everywhere",
        variant="one_side",
    )  # fmt: skip


def _done(access: Access) -> str:
    return "written" if access.writes else "read"


def _as_sure_as_needed(found: Repeated, used: Collection[Use], kept: frozenset[str]) -> Repeated:
    """A repeated path of the repository: no more than a hint unless a change in one place alone breaks something, as
    programs meet there, or a home for it is there (`kept`) and passed over."""
    if found.kind not in ("place", "folder") or all(one.value.startswith("/") for one in found.literals):
        return found
    files = {one.at.path for one in found.literals}
    places = {found.key.rpartition(":")[2]} if found.kind == "folder" else set(map(_place, found.literals))
    needed = not places.isdisjoint(kept) or any(binds(used, place, files) for place in sorted(places))
    return found if needed else replace(found, confidence=Confidence.HINT)


def _place(one: Literal) -> str:
    """The path that a text names, or the constant that it is a part of."""
    held = plain_path(one.held.lstrip("/")) if one.constant and one.held else "."
    return plain_path(one.value) if held == "." or "{" in held else held


def _settings_files(graph: Graph) -> frozenset[str]:
    """The files from which settings are loaded: they lie in the repository, on every machine."""
    return frozenset(one.file for one in graph.code.settings if one.loaded_by)


def _of_one_file(found: Iterable[Repeated]) -> Iterator[Repeated]:
    """What repeats; a path in constants together with the same in calls, and the bare name of a file together with the
    constants that say where it lies."""
    kept: dict[object, Repeated] = {}
    for number, one in enumerate(found):
        home = next((key for key, other in kept.items() if _is_same(other, one)), number)
        both = (*kept[home].literals, *one.literals) if home in kept else one.literals
        kept[home] = replace(kept.get(home, one), literals=tuple(dict.fromkeys(both)))
    yield from kept.values()


def _is_same(one: Repeated, other: Repeated) -> bool:
    if other.kind == "file":
        return _is_file(one, f"/{other.value}")
    alone = one.kind == other.kind == "place" and one.confidence is other.confidence
    return alone and not (one.together or other.together) and _place(one.literals[0]) == _place(other.literals[0])


def _is_file(one: Repeated, name: str) -> bool:
    return one.kind == "place" and f"/{one.value}".endswith(name)


def _means(value: str, code: frozenset[str]) -> bool:
    """Whether a text is the path of a file of the code, or a pattern that such a file has."""
    path = posixpath.normpath(value).replace("**/", "*")  # any folders, or none
    pattern = "*" in path and "/" in path and not path.endswith("*")
    return path in code or (pattern and any(fnmatch.fnmatchcase(one, path) for one in code))


def _with_those_below(groups: Iterable[Repeated]) -> Iterator[Repeated]:
    """Repeated paths, each with the repeated ones below it, and with those that the same files repeat: whoever moves
    the folder looks for all of them."""
    found = list(groups)
    tops: dict[tuple[str, Confidence], list[Repeated]] = {}
    for one in sorted(found, key=lambda one: one.key):
        above = [folder for folder, sure in tops if sure is one.confidence and one.key.startswith(f"{folder}/")]
        if one.kind == "place" and one.key == one.value:
            tops.setdefault((min(above, default=one.key), one.confidence), []).append(one)
    yield from (one for one in found if one.kind != "place" or one.key != one.value)
    beside: dict[tuple[frozenset[str], Confidence], list[tuple[str, list[Repeated]]]] = defaultdict(list)
    for (top, sure), ones in tops.items():
        beside[frozenset(literal.at.path for one in ones for literal in one.literals), sure].append((top, ones))
    for together in beside.values():
        (top, ones), *more = together
        count = sum(len(found) for _, found in together) - 1
        told = f"{top}, beside {count} {'more' if more else 'below it'}," if count else top
        literals = tuple(literal for _, found in together for one in found for literal in one.literals)
        yield replace(ones[0], value=told, literals=literals, together=ones[0].together or count > 0)


def _alike(graph: Graph) -> dict[str, tuple[str, ...]]:
    """What copies of a file have in common: its name, and the names of what it defines."""
    defined: dict[str, list[str]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.kind != "module":
            defined[one.path].append(one.name)
    return {path: (posixpath.basename(path), *sorted(found)) for path, found in defined.items() if len(found) > 1}


def _hit(found: Repeated) -> Hit:
    places = spread(found.literals)
    first, count = places[0], _count(found)
    notebook = all(one.at.cell for one in places)
    return Hit(
        at=first.at,
        details={
            "what": found.what,
            "value": found.value,
            "count": str(count),
            "function": first.symbol or "the module",
            "reason": _REASON.get(found.kind, "run"),
            "setting": "" if found.home is None else found.home.name,
            "path": "" if found.home is None else found.home.file,
        },
        keys=(found.kind, found.key),
        confidence=Confidence.HINT if notebook and found.kind not in ("path", "mount", "bucket") else found.confidence,
        symbol=first.symbol,
        trail=tuple(Stop(one.at, f"literal: {one.value}") for one in places)[:MAX_STOPS],
        related=_related(found, places[1:]),
        refutation=f"{found.what.rstrip(' :=')} is the same on every machine and in every run",
        variant=_variant(found, count),
    )


def _related(found: Repeated, others: Iterable[Literal]) -> tuple[Stop, ...]:
    """The repeats, after the setting that holds the same."""
    home = () if found.home is None else (Stop(found.home.at, f"held: {found.home.name}"),)
    return (*home, *(Stop(one.at, f"repeat: {one.value}") for one in others))[:MAX_STOPS]


def _variant(found: Repeated, count: int) -> str:
    if found.home is not None:
        return "passed_over"
    if found.kind in ("registered", "split") and found.confidence is not Confidence.HINT:
        return found.kind
    return "together" if found.together else "repeated" if count > 1 else ""


def _count(found: Repeated) -> int:
    """In how many places it is written: numbers of a model or split in functions, constants once each, the rest in
    lines; of several dates, the one that is written most often. What is of one machine is looked for and found in lines
    below each other at once."""
    if found.kind in ("hyperparameter", "split"):
        return len({(one.at.path, one.symbol) for one in found.literals})
    lines: dict[str, set[tuple[str, int, int | str]]] = defaultdict(set)
    for one in found.literals:
        home = one.constant if found.kind == "place" and one.constant else one.at.line
        lines[one.value if found.kind == "date" else ""].add((one.at.path, one.at.cell, home))
    return max(map(_blocks if found.kind in _OF_MACHINES else len, lines.values()))


def _blocks(lines: AbstractSet[tuple[str, int, int | str]]) -> int:
    """The lines that stand below no other one."""
    return sum(not (isinstance(line, int) and (path, cell, line - 1) in lines) for path, cell, line in lines)


def spread(literals: Iterable[Literal]) -> list[Literal]:
    """One place of each file first, then the others; what only spells it last. A model is registered before it is
    loaded: there others tell that it may change unseen."""
    by_file: dict[str, list[Literal]] = defaultdict(list)
    for one in sorted(literals, key=lambda one: (one.role == MENTION, (one.role, one.name) == _LOADED, one.at)):
        by_file[one.at.path].append(one)
    rest = [one for ones in by_file.values() for one in ones[1:]]
    return [ones[0] for ones in by_file.values()] + rest
