"""What is told of columns, of code and of queries: what they are computed as, where they end, and which are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mldebt.graph.code import Code
from mldebt.link.accesses import Accesses
from mldebt.link.column_forms import ColumnForms
from mldebt.link.column_lives import ColumnLives
from mldebt.link.formulas import formulas, prepared, taken
from mldebt.link.liveness import Fates
from mldebt.link.missing_fields import MissingFields
from mldebt.link.statements import Statements
from mldebt.link.values import Event


def told_of_columns(code: Code, fates: Fates, accesses: Accesses, sql: Statements, ids: Mapping[Event, str]) -> Code:
    """The code with its columns; `ids` are the nodes of events."""
    lives = ColumnLives(fates)
    return replace(
        code,
        formulas=(*formulas(fates.machine, ids), *prepared(fates.machine, ids), *sql.formulas),
        taken=taken(fates.machine, ids),
        idle_columns=(*sql.idle_columns, *lives.idle(ids), *lives.unread(ids, sql.computed)),
        twins=(*sql.twins, *ColumnForms(fates).twins(ids)),
        missing_fields=tuple(MissingFields(fates, accesses).all()),
    )
