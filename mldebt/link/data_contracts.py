"""Data contracts in files of their own (ODCS, and the Data Contract Specification): what they promise, of what."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from mldebt.contracts import Contract
from mldebt.facts import FileFacts
from mldebt.link.program import Program
from mldebt.source import Purpose, SourceFile

MOST_PLACES = 2000
_Said = Mapping[tuple[str, ...], str]
_KIND = (("kind",), "DataContract")
_SPECIFICATION = ("dataContractSpecification",)
_NAMES = (("name",), ("info", "title"), ("id",))
_OWNERS = (("info", "owner"), ("owner",), ("team", "name"), ("team", "0", "username"), ("domain",))
_PLACES = ("location", "path", "topic")
_ABOVE = ("project", "catalog", "database")
_SCHEMAS = ("dataset", "schema")
_MODEL = re.compile(r"\{(?:model|schema|table)\}")
_OPEN = re.compile(r"\{[^{}]*\}|\$\{[^{}]*\}")
EVERYBODY = ("*",)


def data_contracts(program: Program) -> tuple[Contract, ...]:
    """The contracts that files of the repository hold, in the order of files; tests promise nothing."""
    return tuple(
        _contract(program, file, said)
        for file, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True))
        if (said := _scalars(source, facts)) and (said.get(_KIND[0]) == _KIND[1] or _SPECIFICATION in said)
    )


def _scalars(source: SourceFile, facts: FileFacts) -> _Said:
    told = facts.kind == "settings" and source.purpose is not Purpose.TEST
    return {one.key: one.value for one in facts.settings if one.value} if told else {}


def _contract(program: Program, file: int, said: _Said) -> Contract:
    path = program.sources[file].path
    tables = _tables(said)
    told = chain(_stored(said, tables, posixpath.dirname(path)), _qualified(said, tables))
    places = dict.fromkeys(islice(told, MOST_PLACES))
    first = min(setting.start for setting in program.facts[file].settings)
    return Contract(
        name=_first(said, _NAMES) or path,
        artifacts=tuple(places),
        owner=_first(said, _OWNERS),
        consumers=_consumers(said),
        reason="",
        at=program.span((file, first, first)),
        foreign=True,
    )


def _first(said: _Said, keys: tuple[tuple[str, ...], ...]) -> str:
    return next((said[key] for key in keys if key in said), "")


def _tables(said: _Said) -> tuple[str, ...]:
    """The names of the tables, or other sets, that the contract describes: models, or objects of a schema."""
    models = [key[1] for key in said if key[0] == "models" and len(key) > 2]
    listed = [
        value
        for key, value in said.items()
        if len(key) == 3 and key[0] in ("schema", "dataset") and key[2] in ("name", "physicalName", "table")
    ]
    return tuple(dict.fromkeys((*models, *listed)))


def _servers(said: _Said) -> list[dict[str, str]]:
    """What is said of each server, whether they are listed or named."""
    found: dict[str, dict[str, str]] = {}
    for key, value in said.items():
        if len(key) == 3 and key[0] == "servers":
            found.setdefault(key[1], {})[key[2]] = value
    return list(found.values())


def _stored(said: _Said, tables: tuple[str, ...], folder: str) -> Iterator[str]:
    """Files, objects and topics, with the names of tables filled in; a folder stands for what is in it."""
    for server in _servers(said):
        for place in (server[name] for name in _PLACES if name in server):
            for whole in [_MODEL.sub(table, place) for table in tables] if _MODEL.search(place) else [place]:
                glob = _OPEN.sub("*", whole).rstrip("/")
                yield from (glob, f"{glob}/*")
                if "://" not in glob and not glob.startswith("/"):
                    inside = [posixpath.normpath(posixpath.join(base, glob)) for base in ("", folder)]
                    yield from (part for base in inside for part in (base, f"{base}/*"))


def _qualified(said: _Said, tables: tuple[str, ...]) -> Iterator[str]:
    """Tables with the schemas and databases of their servers; by their name alone where no server is told."""
    servers = [server for server in _servers(said) if not any(place in server for place in _PLACES)]
    for server in servers or [{}]:
        schema = next((server[name] for name in _SCHEMAS if name in server), "")
        above = next((server[name] for name in _ABOVE if name in server), "")
        for table in tables if servers or not _servers(said) else ():
            parts = [part for part in (above, schema, table) if part]
            yield from (f"table:{'.'.join(parts[start:])}" for start in range(len(parts)))


def _consumers(said: _Said) -> tuple[str, ...]:
    """The consumers that are named; without any, whoever can read it."""
    named = [
        value
        for key, value in said.items()
        if key[0] == "consumers" and (len(key) == 2 or (len(key) == 3 and key[2] in ("name", "id")))
    ]
    named += [key[1] for key in said if key[0] == "consumers" and len(key) > 2 and not key[1].isdigit()]
    return tuple(dict.fromkeys(named)) or EVERYBODY
