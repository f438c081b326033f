"""Names that queries know without a table: variables of the program that hold rows, and views of its session."""

from __future__ import annotations

import msgspec

from mldebt.declarations import Statement
from mldebt.link.machine import Machine
from mldebt.link.relations import LOCAL
from mldebt.link.values import Event, Place

FRAMES = "reads-frames"
"""The trait of queries in which names of variables stand for what those hold."""


class LocalNames:
    """The views and variables of one linking that queries may mean."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def marked(self, event: Event, statement: Statement) -> Statement:
        """A statement with the relations marked that are views of the session, or variables."""
        read = (one for one in statement.relations if one.use == "read" and one.form == "table")
        plain = [one for one in read if "." not in one.name]
        local = {one.name for one in plain if self._is_local(event, one.name)}
        if not local:
            return statement
        relations = tuple(
            msgspec.structs.replace(one, use=LOCAL) if one in plain and one.name in local else one
            for one in statement.relations
        )
        return msgspec.structs.replace(statement, relations=relations)

    def _is_local(self, event: Event, name: str) -> bool:
        file = event.place[0]
        noted = self._machine.noted.imported
        near = {file, *noted.get(file, ()), *(other for other, files in noted.items() if file in files)}
        if any(name.lower() in self._machine.noted.views.get(other, ()) for other in near):
            return True
        frames = event.row is not None and FRAMES in event.row.traits
        return frames and self._is_variable(event.unit, name, event.place)

    def _is_variable(self, unit: int, name: str, before: Place) -> bool:
        """Whether something is bound to the name where a query stands, or around: its own result is not."""
        program, first = self._machine.program, True
        while unit >= 0:
            info, steps = self._machine.info(unit), program.body(unit)
            bound = [index for index, one in info.names if one == name] + [i for n, i in info.exports if n == name]
            if any(one.name == name for one in info.parameters):
                return True
            if any(0 <= index < len(steps) and (not first or steps[index].end <= before[1]) for index in bound):
                return True
            unit, first = program.parent(unit), False
        return False
