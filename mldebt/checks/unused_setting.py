"""Keys of a settings file that no code reads, though code loads the file."""

from __future__ import annotations

import itertools
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import DefinedSetting, Graph
from mldebt.graph.code import UnreadOption
from mldebt.graph.environment import package_names
from mldebt.graph.pipelines import declared_steps
from mldebt.graph.settings import UnreadName
from mldebt.graph.unused_settings import (
    Unread,
    is_for_a_package,
    names,
    unread,
    unread_app_settings,
    unread_entries,
    unused_variables,
    words_of_packages,
)
from mldebt.roles import Confidence
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_FOR_PEOPLE, _NAMED, _MANY = 120, 3, 5


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each section, for the plain keys of one section, be it in several files of one folder, for many of
    these in one file, for the variables of one file of a module, and for the options of one script."""
    yield from _of_files(graph)
    for unused, read in unread_app_settings(graph):
        yield _of_names(unused, read)
    yield from _of_entries_and_templates(graph)
    variables: dict[str, list[DefinedSetting]] = defaultdict(list)
    for variable in unused_variables(graph):
        variables[variable.file].append(variable)
    modules: dict[str, list[list[DefinedSetting]]] = defaultdict(list)
    for _, found in sorted(variables.items()):
        modules[names(found)].append(found)
    used = {posixpath.dirname(one.file) for one in graph.code.settings if one.scope == "variable" and one.read_at}
    for several in modules.values():
        hit = _of_variables(several)
        begun = all(posixpath.dirname(found[0].file) not in used for found in several)  # a module that is yet to come
        yield replace(hit, confidence=Confidence.HINT) if begun else hit
    scripts: dict[str, list[UnreadOption]] = defaultdict(list)
    for option in graph.code.unread_options:
        scripts[option.path].append(option)
    yield from map(_of_options, scripts.values())
    holders: dict[tuple[str, str], list[UnreadName]] = defaultdict(list)
    of_applications = {one.at for one in graph.code.settings if one.form == "app"}
    packages = words_of_packages(graph)
    for name in graph.code.unread_names:
        if name.at not in of_applications and not (name.given and is_for_a_package(name.name, packages)):
            holders[name.path, name.holder].append(name)
    for unasked in holders.values():
        hit = _of_names_in_code(unasked)
        theirs = graph.code.is_library(hit.at.path) and not any(one.given for one in unasked)  # who imports it may ask
        yield replace(hit, confidence=Confidence.HINT) if theirs else hit


def _of_files(graph: Graph) -> Iterator[Hit]:
    """What is unread of settings files that code loads."""
    installed = package_names(graph.code.environments, graph.code.imported)
    tasks = frozenset(node.at for node in declared_steps(graph))
    alike: dict[object, list[Unread]] = defaultdict(list)
    for one in unread(graph):
        folder, ending = posixpath.dirname(one.setting.file), posixpath.splitext(one.setting.file)[1]
        alike[folder, ending, names((one.setting, *one.others)), one.in_sight, one.listed].append(one)
    hits: dict[tuple[str, Confidence], list[Hit]] = defaultdict(list)
    for first, *others in alike.values():
        stem = posixpath.splitext(posixpath.basename(first.setting.file))[0].lower().replace("_", "-")
        hit = _of_file(first, tasks, theirs=stem in installed)
        hit = _with_others(hit, [other.setting for other in others]) if others else hit
        hits[hit.details["path"], hit.confidence].append(hit)
    for told in hits.values():
        yield from (_all_of_file(told),) if len(told) > _MANY else told


def _of_file(one: Unread, tasks: Set[Span], *, theirs: bool) -> Hit:
    """`tasks` are the places of steps, one of which stands for what loads for all of them; `theirs`: the file is called
    like a package that is installed, which may read it, too."""
    setting, named = one.setting, names((one.setting, *one.others))
    section = setting.kind in ("map", "list") and one.below > 0
    loader = _loader(setting, one.read)
    loader = one.read.read_at[0] if loader in tasks else loader
    stops = tuple(Stop(other.at, f"unread: {'.'.join(other.key)}"[:_FOR_PEOPLE]) for other in one.others)
    theirs = theirs or one.in_passing
    json = setting.file.endswith((".json", ".jsonc")) and not one.mostly
    return Hit(
        at=replace(setting.at, end_line=setting.end_line, end_column=1) if section else setting.at,
        details={"what": named, "path": setting.file, "source": f"{loader.path}:{loader.line}"},
        keys=(setting.file, named),
        confidence=Confidence.HINT if json or theirs or one.listed or not one.in_sight else Confidence.LIKELY,
        symbol=".".join("*" if part.isdigit() else part for part in setting.key),
        trail=(
            Stop(loader, f"loaded: {setting.file}"), Stop(one.read.read_at[0], f"read: {'.'.join(one.read.key)}"),
            Stop(setting.at, f"unread: {named}"), *stops,
        )[:MAX_STOPS],
        related=stops[:MAX_STOPS],
        refutation=f"a program outside this repository reads {setting.file}, or the key is put together at run time",
        variant="section" if section else "keys" if one.others else "",
    )  # fmt: skip


def _all_of_file(hits: list[Hit]) -> Hit:
    """What is unread in many places of a file, which nobody mends one by one."""
    first, *others = sorted(hits, key=lambda hit: hit.at)
    stops = tuple(Stop(hit.at, f"unread: {hit.details['what']}"[:_FOR_PEOPLE]) for hit in others)
    named = ", ".join(hit.details["what"] for hit in (first, *others[: _NAMED - 1]))
    return replace(
        first, details={**first.details, "what": named, "count": str(len(hits))},
        keys=(*first.keys[:1], "in many places"), symbol="", related=stops[:MAX_STOPS],
        trail=(*first.trail[:3], *stops)[:MAX_STOPS], variant="many-files" if "-files" in first.variant else "many",
    )  # fmt: skip


def _loader(setting: DefinedSetting, read: DefinedSetting | None = None) -> Span:
    """The place that loads a setting's file: of several, the one that lies nearest to it, then to who reads of it. A
    loader that is given its folder may mean files of many programs."""
    reading = read.read_at[0].path if read is not None and read.read_at else ""
    return min(setting.loaded_by, key=lambda at: (-_together(at.path, setting.file), -_together(at.path, reading)))


def _together(path: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(path.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _with_others(hit: Hit, others: list[DefinedSetting]) -> Hit:
    """The same keys of several files beside each other are unread for one reason."""
    stops = tuple(Stop(one.at, f"unread again: {one.file}") for one in others)
    more = f"{hit.details['path']} and {len(others)} more file{'s' * (len(others) > 1)} beside it"
    return replace(
        hit, details={**hit.details, "path": more}, trail=(*hit.trail, *stops)[:MAX_STOPS],
        related=(*hit.related, *stops)[:MAX_STOPS], variant=f"{hit.variant or 'key'}-files",
    )  # fmt: skip


def _of_names(unused: list[DefinedSetting], read: DefinedSetting) -> Hit:
    """Names of a class or module from which an application takes its settings: one hit for each file."""
    variant = "keys" if len({one.name for one in unused}) > 1 else ""
    by = Stop(read.read_at[0], f"read: {read.name}")
    return _unread(unused, variant, "an extension of the application reads it", by)


def _of_entries_and_templates(graph: Graph) -> Iterator[Hit]:
    """Entries of files of variables; a template beside a file that holds the same ones is told with it."""
    alike: dict[tuple[str, str], list[list[DefinedSetting]]] = defaultdict(list)
    for entries in unread_entries(graph):
        alike[posixpath.dirname(entries[0].file), names(entries)].append(entries)
    for found in alike.values():
        first, *others = sorted(found, key=lambda entries: (entries[0].template, entries[0].at))
        stops = tuple(Stop(entries[0].at, f"unread again: {entries[0].file}") for entries in others)
        hit = _of_entries(first)
        yield replace(hit, trail=(*hit.trail, *stops)[:MAX_STOPS], related=(*hit.related, *stops)[:MAX_STOPS])


def _of_entries(unread: list[DefinedSetting]) -> Hit:
    """Entries of a file of variables: one hit for each file."""
    variant = "template" if unread[0].template else "entries" if len(unread) > 1 else "entry"
    return _unread(unread, variant, f"a library, or a program that is not in the repository, reads {unread[0].name}")


def _unread(unread: list[DefinedSetting], variant: str, refutation: str, *others: Stop) -> Hit:
    """What nothing reads of a loaded file; `others` are places that read the rest of it."""
    first, named, loader = unread[0], names(unread), _loader(unread[0])
    stops = tuple(Stop(one.at, f"unread: {one.name}") for one in unread)
    return Hit(
        at=first.at,
        details={"what": named, "path": first.file, "source": f"{loader.path}:{loader.line}"},
        keys=(first.file, named),
        confidence=Confidence.LIKELY,
        symbol=first.name,
        trail=(Stop(loader, f"loaded: {first.file}"), *others, *stops)[:MAX_STOPS],
        related=stops[1:][:MAX_STOPS],
        refutation=refutation,
        variant=variant,
    )


def _of_variables(modules: list[list[DefinedSetting]]) -> Hit:
    """Variables that each of some modules declares, and that none of them uses."""
    (first, *_), *others = modules
    stops = tuple(Stop(one.at, f"declared: {one.name}") for found in modules for one in found)
    more = f" and {len(others)} more file{'s' * (len(others) > 1)}" if others else ""
    plural = len(modules[0]) > 1
    return Hit(
        at=first.at,
        details={"what": names(modules[0]), "path": first.file + more},
        keys=(first.file, *(one.name for one in modules[0])),
        confidence=Confidence.LIKELY,
        symbol=first.name,
        trail=stops[:MAX_STOPS],
        related=stops[1:][:MAX_STOPS],
        refutation=f"a file of the module that is not in the repository uses var.{first.name}",
        variant=f"variable{'s' * plural}{'-modules' * bool(others)}",
    )


def _of_options(unread: list[UnreadOption]) -> Hit:
    """What a script takes from its command line, and asks for nowhere."""
    first, spelled = unread[0], [one.spelled for one in unread]
    more = f" and {len(spelled) - _NAMED} more" if len(spelled) > _NAMED else ""
    stops = tuple(Stop(one.at, f"taken: {one.spelled}") for one in unread)
    return Hit(
        at=first.at,
        details={"what": ", ".join(spelled[:_NAMED]) + more, "path": first.path},
        keys=(first.path, *spelled),
        confidence=Confidence.LIKELY,
        symbol=first.spelled,
        trail=stops[:MAX_STOPS],
        related=stops[1:][:MAX_STOPS],
        refutation=f"code that was not followed asks for {first.name}",
        variant="options" if len(unread) > 1 else "option",
    )


def _of_names_in_code(unread: list[UnreadName]) -> Hit:
    """What a class or module of settings holds, and nothing asks for."""
    first, *others = unread
    more = f" and {len(unread) - _NAMED} more" if len(unread) > _NAMED else ""
    stops = tuple(Stop(one.at, f"unread: {one.name}") for one in unread)
    return Hit(
        at=first.at,
        details={"what": ", ".join(one.name for one in unread[:_NAMED]) + more,
                 "path": f"{first.holder} in {first.path}" if first.holder else first.path},
        keys=(first.path, first.holder, *(one.name for one in unread)),
        confidence=Confidence.LIKELY,
        symbol=first.name,
        trail=(Stop(first.read_at, "read: another name of it"), *stops)[:MAX_STOPS],
        related=tuple(Stop(one.at, f"unread: {one.name}") for one in others)[:MAX_STOPS],
        refutation=f"a program outside this repository asks for {first.name}",
        variant="tested" if any(one.tested for one in unread) else "name",
    )  # fmt: skip
