"""One file to its facts; one reader for each kind of file."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from mldebt.declarations import Credential, Statement
from mldebt.facts import FileFacts, Trouble
from mldebt.source import Kind

SETUP = "setup.py"
_MAGIC = re.compile(r"^(?:%(?=%?[A-Za-z])|!)", re.MULTILINE)
_NAMED = frozenset({Kind.SETTINGS, Kind.COMMANDS, Kind.REQUIREMENTS})
_WITH_QUERIES = frozenset({Kind.SQL, Kind.NOTEBOOK})

ReadSql = Callable[[str, str], tuple[Statement, ...]]
"""From a text of SQL and its dialect, empty where nobody says it, to the statements in it."""


def decisive(kind: Kind, name: str, dialect: str) -> tuple[str, str]:
    """As much of a file's name and of the dialect as decides its facts."""
    named = kind in _NAMED or (kind is Kind.PYTHON and name == SETUP)
    return name if named else "", dialect if kind in _WITH_QUERIES else ""


def read(kind: Kind, data: bytes, name: str = "", dialect: str = "") -> FileFacts:
    """The facts of a file's content. Unreadable content gives facts with troubles, no exception.

    `name` is the file's last path segment: by it, forms of settings and of requirements are told apart.
    `dialect` is that of the project's SQL, if it says so."""
    name, dialect = decisive(kind, name, dialect)  # facts are kept by what is decisive, so nothing else may decide
    if kind is Kind.PYTHON:
        return _read_python(data, name)
    if kind is Kind.NOTEBOOK:
        return _read_notebook(data, dialect)
    if kind is Kind.SETTINGS:
        return _read_settings(data, name)
    if kind is Kind.COMMANDS:
        return _read_commands(data, name)
    if kind is Kind.REQUIREMENTS:
        return _read_requirements(data, name)
    if kind is Kind.SQL:
        return _read_sql(data, dialect)
    return FileFacts(kind="other", lines=(0,))


def read_sql(text: str, dialect: str) -> tuple[Statement, ...]:
    """The statements of a text that code holds, which is known only when files are linked."""
    from mldebt.extract.sql import read_statements  # the parser is slow to import, and many repositories need none

    return tuple(read_statements(text, dialect).statements)


def _read_python(data: bytes, name: str) -> FileFacts:
    from mldebt.extract.decode import decode_python, undecodable
    from mldebt.extract.python import Piece, read_python

    text = decode_python(data)
    if isinstance(text, Trouble):
        return undecodable("python", data, text)
    text, found = _without_credentials(text, code=True)
    facts = read_python([Piece(text)], text)
    if facts.troubles and _MAGIC.search(text):  # a notebook kept as a script: some lines are for the shell that runs it
        plain = _MAGIC.sub("#", text)
        without = read_python([Piece(plain)], plain)
        facts = facts if without.troubles else without
    facts = _with(facts, found)
    if name != SETUP:
        return facts
    from mldebt.extract.requirements import add_requirements

    return add_requirements(facts, name, text)


def _read_notebook(data: bytes, dialect: str) -> FileFacts:
    from mldebt.extract.notebook import assemble, read_notebook
    from mldebt.extract.notebook_module import notebook_facts

    notebook = read_notebook(data)
    facts = notebook_facts(notebook, *assemble(notebook))
    if not facts.magics:
        return facts
    from mldebt.extract.requirements import add_requirements
    from mldebt.extract.sql import add_cells

    return add_requirements(add_cells(facts, dialect), "", "")


def _read_settings(data: bytes, name: str) -> FileFacts:
    from mldebt.extract.decode import decode_marked, decode_text, undecodable
    from mldebt.extract.settings import is_yaml, read_settings

    text = decode_marked(data) if is_yaml(name) else decode_text(data)
    if isinstance(text, Trouble):
        return undecodable("settings", data, text)
    from mldebt.extract.requirements import add_requirements

    text, found = _without_credentials(text)
    return add_requirements(_with(_excused(read_settings(name, text), text, name), found, text), name, text)


def _read_commands(data: bytes, name: str) -> FileFacts:
    from mldebt.extract.decode import decode_text, undecodable

    text = decode_text(data)
    if isinstance(text, Trouble):
        return undecodable("commands", data, text)
    text, found = _without_credentials(text)
    return _with(_excused(_commands(text, name.lower()), text, name), found, text)


def _commands(text: str, name: str) -> FileFacts:
    from mldebt.extract.commands import read_make, read_processes, read_shell
    from mldebt.extract.rules import read_rules

    if name.endswith((".sh", ".bash")):
        return read_shell(text)
    if name.endswith((".smk", "snakefile")):
        return read_rules(text)
    return read_processes(text) if name == "procfile" else read_make(text)


def _read_requirements(data: bytes, name: str) -> FileFacts:
    from mldebt.extract.decode import decode_marked, undecodable
    from mldebt.extract.requirements import read_requirements

    text = decode_marked(data)
    if isinstance(text, Trouble):
        return undecodable("requirements", data, text)
    text, found = _without_credentials(text)
    return _with(_excused(read_requirements(name, text), text, name), found, text)


def _read_sql(data: bytes, dialect: str) -> FileFacts:
    from mldebt.extract.decode import decode_marked, undecodable
    from mldebt.extract.sql import read_sql

    text = decode_marked(data)
    if isinstance(text, Trouble):
        return undecodable("sql", data, text)
    text, found = _without_credentials(text)
    return _with(_excused(read_sql(text, dialect), text, "", sql=True), found)


def _excused(facts: FileFacts, text: str, name: str, *, sql: bool = False) -> FileFacts:
    """The facts with the comments that are addressed to mldebt."""
    from mldebt.extract.excuses import excuses

    found = excuses(text, name, sql=sql)
    return msgspec.structs.replace(facts, excuses=found) if found else facts


def _without_credentials(text: str, *, code: bool = False) -> tuple[str, tuple[Credential, ...]]:
    """The text in which credentials are covered, so that no fact can hold one, and where they stand."""
    from mldebt.extract.credentials import covered, credentials

    found = credentials(text, code=code)
    return covered(text, found), found


def _with(facts: FileFacts, found: tuple[Credential, ...], shell: str = "") -> FileFacts:
    """The facts with what every text of their kind may hold: credentials, and in `shell` programs."""
    from mldebt.extract.embedded import embedded

    held = embedded(shell)
    return msgspec.structs.replace(facts, credentials=found, embedded=held) if found or held else facts
