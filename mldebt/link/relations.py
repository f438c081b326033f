"""Where the relations of a statement of SQL lie: tables, files, objects."""

from __future__ import annotations

import re

from mldebt.catalogue import Catalogue
from mldebt.declarations import Relation, Statement
from mldebt.link.places import Location, anchored
from mldebt.roles import Store

LOCAL = "local"
"""The use of a relation that only the program knows: a variable, a view of the session."""

_HOLES = re.compile(r"\{[^{}]*\}")
_FILE = re.compile(
    r"[/\\]|\.(?:csv|tsv|parquet|json|jsonl|ndjson|txt|xlsx|arrow|feather|orc|avro)(?:\.\w{2,4})?$", re.IGNORECASE
)
_SYSTEM = re.compile(r"(?:^|\.)(?:information_schema|pg_catalog)\.", re.IGNORECASE)
_FIXES = frozenset({"date", "parameter"})


def location(relation: Relation, catalogue: Catalogue) -> Location | None:
    """The place of a relation; None when it is none, or nothing of it is known."""
    said, store = relation.name, Store.TABLE
    if relation.use == LOCAL:
        return None
    if relation.form == "call":
        if relation.name not in catalogue.table_functions:
            return None
        said, store = relation.given, Store.FILE
    elif relation.form == "file" or (relation.form == "quoted" and _FILE.search(said)):
        store = Store.FILE
    known = _HOLES.sub("", said).strip("./_- ")
    if not known or said.startswith("@") or (store is Store.TABLE and _SYSTEM.search(said)):
        return None
    store, anchor, path = anchored(said, store)
    return Location(store, anchor, path, "{" not in path)


def moves(statement: Statement) -> tuple[bool, bool]:
    """Whether a statement takes rows, and whether it puts rows anywhere."""
    uses = {relation.use for relation in statement.relations}
    return not uses.isdisjoint(("read", LOCAL)) or bool(statement.gives or statement.columns), "write" in uses


def extent(statement: Statement) -> tuple[str, ...]:
    """What a query says of the rows it takes: `part` when dates or parameters bound them, `whole` when nothing
    picks among them; `listed` when it names its columns."""
    kinds = {bound.kind for bound in statement.bounds}
    traits = ["listed"] if statement.gives and not statement.open else []
    if kinds & _FIXES:
        return (*traits, "part")
    return tuple(traits) if kinds or statement.joins else (*traits, "whole")

