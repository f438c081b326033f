"""Files of SQL, and what runs them: what names each by its name, or runs whatever lies there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mldebt.facts import FileFacts
from mldebt.graph.code import QueryFile
from mldebt.link.components import Components
from mldebt.link.machine import Machine
from mldebt.link.spoken import DOCUMENTS, ends_of
from mldebt.link.texts import HERE
from mldebt.link.values import literal
from mldebt.link.warehouse import models_of_projects
from mldebt.source import Purpose

_KIND = "sql"
_ENDINGS = (".sql", ".sqlx", ".hql", ".ddl")
_SUFFIX = r"\.(?:sqlx?|hql|ddl)\b"
_MARKS = (".sql", ".hql", ".ddl")
"""What no text lacks that has a name with such an ending: few texts are looked at any closer."""
_NAME = re.compile(rf"[\w.*?-]*{_SUFFIX}", re.IGNORECASE)
_ANY = re.compile(rf"(?:^|[^\w]){_SUFFIX}|[*?][\w.]*{_SUFFIX}", re.IGNORECASE)
_BEGUN = re.compile(r"(?:^|[.`])(\w+?)[_-]$")
"""The begin of a name that code completes, as that of a table for each month."""
_CONNECTS = ("_", "-", "_\n", "-\n")
_SPEECH = frozenset({"comment", "include"})


@dataclass(slots=True)
class _Named:
    """The words for files that texts say: of production, of tests, of pages for people; `any` where code takes whatever
    has the ending of SQL."""

    run: set[str] = field(default_factory=set)
    tested: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    any: bool = False


def query_files(
    machine: Machine, components: Components, mentions: Mapping[str, frozenset[str]]
) -> tuple[QueryFile, ...]:
    """The files of SQL of production that are run by their names; none where code takes them by what it finds. A
    project of dbt runs all its models."""
    named = _named(machine, mentions)
    return () if named.any else tuple(_files(machine, components, named))


def _files(machine: Machine, components: Components, named: _Named) -> Iterator[QueryFile]:
    program = machine.program
    meant = frozenset(source.path for source in program.sources if _is_said_whole(source.path, named))
    modelled = models_of_projects(program)
    folders = {folder for source in program.sources for folder in posixpath.dirname(source.path).split("/")}
    for number, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True)):
        said = [one for one in facts.statements if one.kind not in _SPEECH]
        if source.path in modelled:
            continue
        if facts.kind == _KIND and said and source.purpose is Purpose.PRODUCTION:
            name = posixpath.basename(source.path)
            names = {name, *({name.partition(".")[0]} - folders)}  # the name of a folder may mean that
            at = program.span((number, said[0].start, said[0].end))
            run = bool(names & named.run) and not _is_passed_over(source.path, meant)
            tested, told = bool(names & named.tested), bool(names & named.told)
            yield QueryFile(source.path, at, components.of(source.path), run=run, tested=tested, told=told)


def _is_said_whole(path: str, named: _Named) -> bool:
    """Whether code says the whole path of a file of SQL."""
    return path.endswith(_ENDINGS) and (HERE + path in named.run or any(one.endswith(f"/{path}") for one in named.run))


def _is_passed_over(path: str, meant: frozenset[str]) -> bool:
    """Whether code says by its whole path which of several files of one name it runs, and it is another one."""
    name = posixpath.basename(path)
    return path not in meant and any(posixpath.basename(other) == name for other in meant)


def _named(machine: Machine, mentions: Mapping[str, frozenset[str]]) -> _Named:
    found, program = _Named(), machine.program
    told, run = set[str](), set[str]()
    for path, words in mentions.items():
        own = posixpath.basename(path)  # a file of SQL often begins with its own name
        others = {word for word in words if word != own and not word.endswith(f"/{own}")}
        (told if path.endswith(DOCUMENTS) else run).update(others)
    found.told.update(end for word in told for end in ends_of(word))
    found.run.update(end for word in run for end in ends_of(word))
    for text in machine.pool.texts():
        place = text.places[0] if text.places else None
        if place is None or place in machine.noted.bare:
            continue
        test = program.sources[place[0]].purpose is Purpose.TEST
        kept = found.tested if test else found.run
        kept.update(filter(None, [literal(text)]))
        for part in (part for part in text.parts if isinstance(part, str)):
            if part.endswith(_CONNECTS):
                kept.update(_BEGUN.findall(part))
            if _may_name(part):
                kept.update(_NAME.findall(part))
                found.any |= not test and _ANY.search(part) is not None
    for facts in program.facts:
        found.run.update(_included(facts))
    return found


def _may_name(text: str) -> bool:
    low = text.casefold()
    for mark in _MARKS:  # noqa: SIM110  a generator would cost more than the loop
        if mark in low:
            return True
    return False


def _included(facts: FileFacts) -> Iterator[str]:
    """What a file of SQL runs of others, and what settings name."""
    for one in facts.statements:
        if one.kind == "include":
            yield from (posixpath.basename(relation.name.replace("\\", "/")) for relation in one.relations)
    for setting in facts.settings:
        if setting.value and _may_name(setting.value):
            yield from _NAME.findall(setting.value)
