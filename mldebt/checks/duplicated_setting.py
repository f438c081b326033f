"""One setting that is defined with the same value in several places, and settings files that are copies."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.findings import Hit
from mldebt.graph import DefinedSetting, Graph
from mldebt.graph.conflicts import conflicts
from mldebt.graph.environment import Dependency
from mldebt.graph.repeated_settings import Same, same_settings
from mldebt.graph.repeated_tables import Written, written_again
from mldebt.graph.repeated_versions import Versions, tools, versions
from mldebt.graph.said_twice import Pair, said_twice
from mldebt.graph.settings_files import Copies, copies
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_SHOWN = 3
_ONE_BY_ONE, _BLOCK = 10, 2
"""More settings that the same files repeat are told together: nobody reads a page of them. Options of the same
commands, values of the same environments, and what deployments beside each other say as one of them does, are one block
of lines that was taken over."""


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each set of copies, for the settings outside of them that the same files repeat, for each set of
    packages, and for the lists and tables that the same files write out."""
    found = copies(graph)
    for one in found:
        yield _of_copies(one)
    copied = frozenset(file for one in found for file in one.files)
    for repeated in _together(graph, [same for same in same_settings(graph) if not _is_of_copies(same, copied)]):
        yield _of_setting(*repeated) if len(repeated) == 1 else _of_settings(repeated)
    yield from map(_of_one_file, said_twice(graph, differing=False))
    yield from map(_of_versions, versions(graph))
    yield from map(_of_tools, tools(graph))
    for part in graph.parts():
        for files, written in written_again(part):
            yield _of_tables(files, written)


def _is_of_copies(same: Same, copied: frozenset[str]) -> bool:
    """Whether the places of a setting lie in files that are told as copies, or in those and one more."""
    inside = same.files & copied
    return same.files <= copied or (len(inside) > 1 and len(same.files - copied) == 1)


def _together(graph: Graph, found: Iterable[Same]) -> Iterator[list[Same]]:
    """The settings that the same files repeat, where they are many, as one change mends them all."""
    told = [{said.at for said in one.places} for one in conflicts(graph) if one.confidence is not Confidence.HINT]
    groups: dict[tuple[object, ...], list[Same]] = defaultdict(list)
    for same in found:
        if any(len(there.intersection(one.at for one in same.places)) > 1 for there in told):
            continue  # what has other values as well is told with all of them
        files = frozenset({same.places[0].file}) if _is_started(same) else same.files
        groups[files, same.confidence].append(same)
    for group in groups.values():
        if len(group) > (_BLOCK if all(map(_is_in_block, group)) else _ONE_BY_ONE):
            yield sorted(group, key=lambda same: (same.places[0].at, same.name))
        else:
            yield from ([same] for same in group)


def _is_in_block(same: Same) -> bool:
    return _is_started(same) or all(one.scope == "option" or ".tfvars" in one.file for one in same.places)


def _is_started(same: Same) -> bool:
    """Whether only what deploys programs gives a variable its value."""
    return all(one.form == "deployment" for one in same.places)


def _of_setting(same: Same) -> Hit:
    first, *others = same.places
    return Hit(
        at=first.at,
        details={
            "setting": first.name,
            "value": first.value,
            "count": str(len(same.places)),
            "path": _listed(one.file for one in same.places),
            "what": f"{same.others[0].value} in {_listed(one.file for one in same.others)}" if same.others else "",
        },
        keys=("setting", same.name),
        confidence=same.confidence,
        trail=tuple(Stop(one.at, f"{_told(one)}: {one.value}") for one in (*same.places, *same.others))[:MAX_STOPS],
        related=tuple(Stop(one.at, f"again in {_told(one)}: {one.value}") for one in others)[:MAX_STOPS],
        variant="elsewhere" if len({one.value for one in same.others}) == 1 else "",
    )


def _of_settings(group: list[Same]) -> Hit:
    """Settings that stand in the same files with one value each."""
    ordered = [(rank, one) for same in group for rank, one in enumerate(same.places)]
    ordered.sort(key=lambda ranked: ranked[0] > 0)  # the best place of each setting first
    first, *others = (Stop(one.at, f"{_told(one)}: {one.name} = {one.value}") for _, one in ordered)
    return Hit(
        at=first.at,
        details={
            "setting": _listed(same.places[0].name for same in group),
            "value": "",
            "count": str(len(group)),
            "path": _listed(dict.fromkeys(one.file for same in group for one in same.places)),
        },
        keys=("together", *sorted(group[0].files)),
        confidence=group[0].confidence,
        trail=(first, *others)[:MAX_STOPS],
        related=tuple(others)[:MAX_STOPS],
        variant="together",
    )


def _of_one_file(pairs: list[Pair]) -> Hit:
    """Variables that one file gives the same value again."""
    (first, last), *others = pairs
    again = (Stop(one.at, f"given again: {one.name}") for _, one in others)
    stops = (Stop(first.at, f"given: {first.name}"), *again)
    return Hit(
        at=last.at,
        details={"setting": _listed(one.name for one, _ in pairs), "value": "", "count": "2", "path": last.file},
        keys=(last.file, "twice", *(one.name for one, _ in pairs)),
        confidence=Confidence.LIKELY,
        related=stops[:MAX_STOPS],
        variant="twice",
    )


def _of_copies(one: Copies) -> Hit:
    first, *others = one.files
    names = [posixpath.basename(file) for file in one.files]
    short = len(set(names)) == len(names)
    *rest, last = [posixpath.basename(file) if short else file for file in (*others, first)]
    return Hit(
        at=one.at[0],
        details={"path": f"{_listed(rest)} and {last}" if len(rest) <= _SHOWN else f"{last}, {_listed(rest)}",
                 "count": str(one.equal), "setting": _listed(one.differing) or "nothing",
                 "value": "differ" if len(one.differing) > 1 else "differs"},
        keys=("copies", *one.files),
        confidence=one.confidence,
        related=tuple(Stop(at, f"copy: {at.path}") for at in one.at[1:])[:MAX_STOPS],
        variant="copies",
    )  # fmt: skip


def _of_versions(found: Versions) -> Hit:
    first, *others = found.asked
    files = sorted({one.at.path for one in found.asked})
    sure = _is_around(files) and found.pinned and found.meets
    return Hit(
        at=first.at,
        details={
            "setting": _listed(one.name for one in found.asked),
            "count": str(len(files)),
            "value": f"{first.name}{first.specifier}",
            "path": _listed(one.at.path for one in found.asked),
        },
        keys=("versions", "" if found.pinned else "open", *files),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        related=tuple(Stop(one.at, f"asks for: {one.name}{one.specifier}") for one in others)[:MAX_STOPS],
        variant="versions",
    )


def _of_tools(asked: tuple[Dependency, ...]) -> Hit:
    """Versions of tools that a list and what runs before a commit disagree on. No model comes out otherwise: of one
    tool it is a hint; of several nobody keeps them together."""
    first, *others = asked
    names = dict.fromkeys(one.name for one in asked)
    return Hit(
        at=first.at,
        details={"setting": _listed(names), "value": "", "count": str(len(asked)),
                 "path": _listed(one.at.path for one in asked)},
        keys=("tools", asked[-1].at.path),
        confidence=Confidence.LIKELY if len(names) > 1 else Confidence.HINT,
        related=tuple(Stop(one.at, f"asks for: {one.name}{one.specifier}") for one in others)[:MAX_STOPS],
        variant="versions",
    )  # fmt: skip


def _of_tables(files: tuple[str, ...], written: list[Written]) -> Hit:
    """Lists and tables that the same files write out, the longest first."""
    written = sorted(written, key=lambda ones: (-ones[0].entries, ones[0].at))
    first, *others = (one for ones in written for one in ones)
    names = [ones[0].name for ones in written]
    stops = tuple(Stop(one.at, f"{one.entries} constants: {one.name or 'the same again'}") for one in (first, *others))
    return Hit(
        at=first.at,
        details={
            "setting": _listed(names), "value": "", "count": str(sum(ones[0].entries for ones in written)),
            "path": _listed(files),
        },
        keys=("tables", *sorted(set(names)), *files),
        confidence=Confidence.LIKELY,
        trail=stops[:MAX_STOPS],
        related=stops[1:MAX_STOPS],
        variant="tables" if len(written) > 1 else "table",
    )  # fmt: skip


def _is_around(lists: Iterable[str]) -> bool:
    """Whether the folder of one list holds all the others: programs side by side may be projects of their own."""
    paths = sorted(set(lists), key=lambda path: path.count("/"))
    top = posixpath.dirname(paths[0])
    return all(not top or path.startswith(f"{top}/") for path in paths)


def _told(one: DefinedSetting) -> str:
    return {"code": "the code", "config": "settings", "env": "the environment"}.get(one.form, one.form)


def _listed(names: Iterable[str]) -> str:
    told: dict[str, None] = defaultdict(None)
    told.update(dict.fromkeys(names))
    said = list(told)
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return ", ".join(said[:_SHOWN]) + more
