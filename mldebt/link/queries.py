"""SQL that code runs: texts given to what the catalogue calls a query, and files whose content is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mldebt.declarations import Relation, Statement
from mldebt.link.kinds import kind_of
from mldebt.link.local_names import LocalNames
from mldebt.link.machine import Machine
from mldebt.link.places import Located, Location, locate
from mldebt.link.program import Program
from mldebt.link.relations import location, moves
from mldebt.link.slots import slot_values
from mldebt.link.values import Alt, Event, Place, Record, Result, Setting, Text, Value, literal
from mldebt.roles import Role

ANY = "any"
"""The dialect of a row whose connection decides it."""

MOST_TEXTS = 4
_KEEPS = "keeps-rows"
LONGEST = 100_000
_STATEMENT = re.compile(r"\s|\(")
_CALLED = re.compile(r"(?<=\))\s*(?:as\s+)?[\"`]?\w+[\"`]?\s*$", re.IGNORECASE)
"""The name behind a query that stands where a table can: `(SELECT ...) AS rows`."""
_FILE = re.compile(r"\.(?:sql|sqlx|hql|ddl)(?:\.\w+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filled:
    """A hole of a text, what is put there, and the place that says so."""

    hole: str
    value: Value
    at: Place | None


class Queries:
    """The statements of events, each text read once."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._read = lru_cache(maxsize=None)(self._statements)
        self._local = LocalNames(machine)
        self._of: dict[Event, tuple[tuple[Text, Statement], ...]] = {}

    def is_query(self, event: Event) -> bool:
        """Whether an event runs SQL."""
        return event.row is not None and bool(event.row.dialect)

    def statements(self, event: Event) -> tuple[tuple[Text, Statement], ...]:
        """The statements an event runs, as far as its text is known, each with the text it stands in."""
        found = self._of.get(event)
        if found is None:
            texts = self._texts(event) if self.is_query(event) else []
            dialect = self._dialect_of(event)
            found = self._of[event] = tuple(
                (text, self._local.marked(event, one)) for text in texts for one in self._read(_spelled(text), dialect)
            )
        return found

    def located(self, event: Event) -> Iterator[tuple[bool, Located]]:
        """What the statements of an event read, and what they write; nothing for those that move no rows."""
        found = self.statements(event)
        for writes, use in ((False, "read"), (True, "write")):
            places = [
                self._named(place, text, relation)
                for text, statement in found
                for relation in statement.relations
                if relation.use == use and (place := location(relation, self.machine.catalogue)) is not None
            ]
            if places:
                yield writes, Located(tuple(dict.fromkeys(places)))
        if not found and not self._is_silent(event):
            yield _keeps_rows(event), locate(self.machine, event)

    def only_writes(self, event: Event) -> bool:
        """Whether an event puts rows somewhere and takes none."""
        found = [moves(statement) for _, statement in self.statements(event)]
        if not found:
            return self.is_query(event) and _keeps_rows(event)
        return any(writes for _, writes in found) and not any(reads for reads, _ in found)

    def files(self, event: Event) -> Iterator[tuple[Event, tuple[Filled, ...]]]:
        """The reads of files whose content an event runs, with what is put in for parts of the text."""
        if not self.is_query(event) or event.row is None:
            return
        for value in slot_values(event, event.row.target)[:1]:
            for part in _alternatives(value):
                parts = part.parts if isinstance(part, Text) else (part,)
                filled = [_replaced(one) for one in parts if isinstance(one, Record)]
                known = tuple(one for one in filled if one.hole)
                for content in (one for one in parts if isinstance(one, Result)):
                    if is_content(content):
                        yield content.event, known

    def _statements(self, text: str, dialect: str) -> tuple[Statement, ...]:
        if len(text) > LONGEST:
            return ()
        query = _CALLED.sub("", text) if text.lstrip().startswith("(") else text
        return self.machine.read_sql(query, dialect)

    def _texts(self, event: Event) -> list[Text]:
        values = slot_values(event, event.row.target)[:1] if event.row else ()
        found = [one for value in values for one in _alternatives(value) if isinstance(one, Text)]
        return [one for one in found[:MOST_TEXTS] if _STATEMENT.search(_spelled(one))]

    def _named(self, place: Location, text: Text, relation: Relation) -> Location:
        """The place of a relation, with where its name stands: in the text, or as what is put in there by default."""
        shown, name = _shown(text), relation.given or relation.name
        within = place_in(self.machine.program, shown[0], _spelled(text), relation) if len(shown) == 1 else None
        defaults = [part.default for part in text.parts if isinstance(part, Setting) and isinstance(part.default, Text)]
        given = tuple(at for one in defaults if literal(one) == name for at in one.places)
        certain = place.exact and literal(text) is not None
        return replace(place, places=(within,) if within else shown, given=given, certain=certain)

    def _is_silent(self, event: Event) -> bool:
        """Whether the text is a statement that moves no rows, or the content of a file that is told elsewhere."""
        places = [place for read, _ in self.files(event) for place in locate(self.machine, read).locations]
        if any(_FILE.search(place.path) for place in places):
            return True
        return any(not re.match(r"\s*(?:with|select)\b", _spelled(text), re.IGNORECASE) for text in self._texts(event))

    def _dialect_of(self, event: Event) -> str:
        """What the configuration says; else what runs it; else what the connection it is given speaks."""
        dialect = event.row.dialect if event.row else ""
        said = self.machine.catalogue.sql_dialect
        if said or dialect != ANY:
            return said or dialect
        values = [event.receiver, *(value for _, value in event.arguments)]
        kinds = [kind_of(self.machine, value) for value in values if value is not None]
        spoken = (self.machine.catalogue.dialects.get(kind, ANY) for kind in kinds)
        return next((one for one in spoken if one not in ("", ANY)), "")


def _keeps_rows(event: Event) -> bool:
    """Whether the statement is made by calls, and keeps rows when it is run."""
    given = slot_values(event, event.row.target)[:1] if event.row is not None else ()
    made = (value.event.row for value in given if isinstance(value, Result))
    return any(row is not None and _KEEPS in row.traits for row in made)


def is_content(value: Result) -> bool:
    """Whether a value is what stands in a file."""
    row = value.event.row
    return row is not None and row.role is Role.READ and row.result[:1] == ("text",)


def _alternatives(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Alt):
        return tuple(one for part in value.values for one in _alternatives(part))
    if isinstance(value, Setting) and value.default is not None:
        return _alternatives(value.default)
    return (value,)


def _spelled(text: Text) -> str:
    """The text of a query, with holes that keep their names."""
    return "".join(part if isinstance(part, str) else _hole(part) for part in text.parts)


def _hole(part: Value) -> str:
    if isinstance(part, Setting):
        default = literal(part.default) if part.default is not None else None
        return default if default is not None else "{" + (re.sub(r"\W", "_", part.name) or "x") + "}"
    name = getattr(part, "name", "")
    return "{" + name + "}" if isinstance(name, str) and name.isidentifier() else "{}"


def place_in(program: Program, at: Place, text: str, relation: Relation) -> Place | None:
    """Where the name of a relation stands in a text of several lines, by its line there; None for one line."""
    lines, line = program.facts[at[0]].lines, text.count("\n", 0, relation.start)
    number = bisect_right(lines, at[1]) - 1 + line
    if not line or number >= len(lines) or lines[number] >= at[2]:
        return None
    start = lines[number] + relation.start - text.rfind("\n", 0, relation.start) - 1
    return at[0], min(start, at[2]), min(start + relation.end - relation.start, at[2])


def _shown(text: Text) -> tuple[Place, ...]:
    return tuple(place for place in text.places if place[0] >= 0)


def _replaced(record: Record) -> Filled:
    """What a text is searched for, as a hole, and what is put there."""
    from mldebt.extract.sql_template import render

    key = record.keys[0] if record.keys else None
    rendered = render((literal(key) if key is not None else None) or "")
    hole = rendered.spelled(rendered.text)
    places = key.places if isinstance(key, Text) else ()
    return Filled(hole if hole.startswith("{") else "", record.items[0], next((p for p in places if p[0] >= 0), None))

