"""What an event looks like in the graph: its kind of node, its name, its traits."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.graph import EdgeKind, NodeKind
from mldebt.graph.periods import ROWS
from mldebt.graph.unplaced import STORE
from mldebt.graph.ways import WITHOUT_MORE
from mldebt.link.arms import Arms
from mldebt.link.checking import CHECK, STOP
from mldebt.link.choosing import CHOOSE, picks_best
from mldebt.link.columns import is_choice
from mldebt.link.composing import composed
from mldebt.link.contents import contents
from mldebt.link.defined import unit_of
from mldebt.link.gates import Gates
from mldebt.link.keys import names_told
from mldebt.link.kinds import kind_of
from mldebt.link.lineage import Use
from mldebt.link.liveness import COUNTED, SHOWN, Fates, steers
from mldebt.link.machine import Machine
from mldebt.link.names_left import names_left
from mldebt.link.orders import Orders
from mldebt.link.picks import Marks
from mldebt.link.places import HOLE
from mldebt.link.queries import Queries
from mldebt.link.relations import extent
from mldebt.link.settings_classes import may_be_filled
from mldebt.link.slots import argument, holds, slot_values
from mldebt.link.texts import as_text
from mldebt.link.timing import EACH, looks_ahead, replaces_each
from mldebt.link.unnamed_rows import GIVEN
from mldebt.link.values import (
    Alt,
    Event,
    Item,
    Member,
    Place,
    Result,
    Scalar,
    Sequence,
    Setting,
    Value,
    is_none,
    literal,
)
from mldebt.link.written import Calls
from mldebt.roles import Role, Store
from mldebt.source import Purpose

_VERSION_IN_NAME = "version-in-name"
_BRANCHES = frozenset({"main", "master", "HEAD", "latest"})
_BY_KIND = ("?.", "model.", "transformer.", "client.", "table.", "array.", "search.", "session.")
_CALLED = "__call__"
_NAMED = 3
_ROLES = {
    "decide": Role.DECIDE, CHOOSE: Role.CHOOSE, "select": Role.SELECT, CHECK: Role.VALIDATE, STOP: Role.VALIDATE,
}  # fmt: skip


_REPLACES = frozenset({Role.WRITE, Role.PERSIST, Role.COPY})
_ASKS = frozenset({Role.PREDICT, Role.EVALUATE})
_PER_RUN = "per-run"


def _of(kind: str, method: str) -> str:
    """What a method of a kind of value is told as where its code has no name for the value."""
    return kind if method == _CALLED else f"{kind}.{method}"


class Portraits:
    """Names and traits of events."""

    def __init__(self, machine: Machine, fates: Fates, queries: Queries) -> None:
        self._machine, self._fates, self._queries = machine, fates, queries
        self._marks = Marks(machine.pool)
        meant = machine.noted.meant.items()
        asked = frozenset(place for place, rows in meant if any(row.op == "exists" for row in rows))
        self._arms = Arms(machine.program, asked)
        self._calls = Calls(machine)
        self._gates = Gates(machine)
        self._orders = Orders(machine)

    def name(self, event: Event) -> str:
        """The variable, column or callee that people would call it by."""
        if event.what == "column":
            key = dict(event.arguments).get("key")
            return shown(self._machine, key) if key is not None else "column"
        if event.what == "decide":
            return score_name(self._machine, dict(event.arguments)["score"])
        named = _task_name(self._machine, event) or self._machine.named.get(event)
        return named or self._written(event) or event.callee or event.what

    def _written(self, event: Event) -> str:
        """A method's call as its code has it: its row knows only the kind of value it is called on."""
        by_kind = event.row is not None and event.callee.startswith(_BY_KIND)
        written = self._calls.callee(event.place) if by_kind and event.place[0] >= 0 else ""
        kind, _, method = event.callee.rpartition(".")
        of_kind = kind.partition(".")[0]  # without the library: nobody has a model that is called by its name
        return written or (_of(of_kind, method) if by_kind and of_kind != "?" else "")

    def traits(self, event: Event) -> list[str]:
        """The words that checks ask for: the catalogue's, and the engine's own."""
        row = event.row
        traits = [] if event.sure else ["unsure"]
        traits += ["of-values"] if event.what == STOP else []
        if event.what == "select":
            key = names_told(self._machine, dict(event.arguments)["key"])
            known = isinstance(key, Sequence) and not key.rest and all(literal(item) is not None for item in key.items)
            traits += ["listed"] if known else ["computed", *_left_over(self._machine, key)]
            traits += [] if known else _without(self._machine, key)
            traits += [] if is_choice(self._machine, key) else ["unknown"]
            if known and isinstance(key, Sequence):
                traits += [f"column:{literal(item)}" for item in key.items]
        if event.what == "column" and (old := dict(event.arguments).get("old")) is not None:
            traits.append(f"renamed:{literal(old)}")
        if event.what == "decide":
            traits += self._limits(event)
        drawn = holds(row.random_when, event.arguments) if row is not None and row.random else False
        if row is not None and drawn is not False:
            given = [argument(event.arguments, slot, event.receiver) for slot in row.seeds]
            timed = any(value is not None and self._is_of_the_time(value) for value in given)
            seeded = any(value is not None and not is_none(value) for value in given) and not timed
            later = self._machine.noted.set_later.get(event.place, set())
            seeded = seeded or any(slot.keyword in later for slot in row.seeds)
            traits += ["random"] if drawn else ["random", "may-draw"]
            traits += ["seed-of-the-time"] if timed else []
            if seeded or not any(name.startswith("*") for name in (*later, *(name for name, _ in event.arguments))):
                traits.append("seeded" if seeded else "unseeded")  # unpacked arguments may hold the seed
        purpose = self._machine.program.purpose(event.unit)
        if purpose is not Purpose.PRODUCTION:
            traits.append(purpose.value)
        if row is None:
            return traits
        traits += sorted(row.traits - {"all-but"} if self._drops_what_is_there(event) else row.traits)
        if "all-but" in row.traits:
            traits += [f"without:{name}" for name in left_out(self._machine, event)]
            traits += [WITHOUT_MORE] if _leaves_out_more(self._machine, event) else []
        if row.role is Role.COMBINE and row.axis == "rows" and self._repeats_rows(event):
            traits.append("copies")
        if row.role is Role.COMBINE and row.axis == "rows":
            traits.append(ROWS)
        traits += self._arms.around(event.unit, event.place)
        traits += ["where-missing"] if row.role in (Role.WRITE, Role.PERSIST) and self._is_where_missing(event) else []
        traits += ["asked-first"] if row.role in _REPLACES and self._gates.before(event) else []
        if row.role is Role.SPLIT:
            traits += [f"with:{name}={_known(value)}" for name, value in event.arguments if name]
        if row.role is Role.SPLIT or (row.role is Role.EVALUATE and "kfold" in row.traits):
            traits += [f"ordered-by:{column}" for column in self._orders.before(event)]
        traits += [*contents(self._machine, event), *(composed(self._machine, event) if row.columns else ())]
        traits += [f"gives:{row.result[0].partition('.')[0]}"] if row.role is Role.READ and row.result else []
        traits += [f"{STORE}{row.store.value}"] if row.store is not Store.FILE else []
        traits += looks_ahead(self._machine, event)
        traits += [EACH] if replaces_each(event) else []
        traits += ["picks-best"] if self._picks_best(event) else []
        traits += ["keeps-last"] if self._keeps_last(event) else []
        traits += ["given"] if row.role in _ASKS and slot_values(event, row.data) else []
        traits += ["object"] if row.role is Role.READ and row.result[:1] == ("pickle",) else []
        if row.versioned:
            traits.append("versioned")
        pins = [argument(event.arguments, slot, event.receiver) for slot in row.pin]
        if any(pin is not None and not is_none(pin) for pin in pins):
            traits += ["pinned", *(["moving"] if any(_moves(pin) for pin in pins) else [])]
        if row.pin or _VERSION_IN_NAME in row.traits:
            traits.append("can-pin")
        statements = [statement for _, statement in self._queries.statements(event)]
        traits += sorted({word for statement in statements if statement.kind == "select" for word in extent(statement)})
        return traits

    def _is_of_the_time(self, value: Value) -> bool:
        """Whether it is another number in each run, as the time is, and nothing else."""
        origins = () if isinstance(value, Alt) else self._machine.pool.origins_of(value)
        rows = [origin.event.row for origin in origins if isinstance(origin, Result)]
        return any(row is not None and _PER_RUN in row.traits for row in rows)

    def _drops_what_is_there(self, event: Event) -> bool:
        """Whether the names of the dropped columns come out of the table: what stays may be a list."""
        given = [value for _, value in event.arguments]
        parts = [part for value in given if isinstance(value, Sequence) for part in value.items]
        kinds = [kind_of(self._machine, value) for value in (*given, *parts)]
        return any(kind == "text.name" or kind.endswith(".names") for kind in kinds)

    def _picks_best(self, event: Event) -> bool:
        """Whether what it is given makes a training keep what scores best."""
        return any(_asks_for_best(self._machine, value) for value in _told_when_to_stop(event))

    def _keeps_last(self, event: Event) -> bool:
        """Whether it is told not to, as a model may do so unasked."""
        return any(isinstance(value, Scalar) and value.value is False for value in _told_when_to_stop(event))

    def _is_where_missing(self, event: Event) -> bool:
        """Whether it only happens where something is not there, be it for all who call."""
        unit_at = self._machine.program.unit_at
        sites = ((event.unit, event.place), *((unit_at(site), site) for site in event.chain))
        if any(unit >= 0 and self._arms.where_missing(unit, site) for unit, site in sites):
            return True
        calls = [self._arms.where_missing(unit, site) for unit, site in self._arms.calls(event.unit)]
        return bool(calls) and all(calls)

    def _repeats_rows(self, event: Event) -> bool:
        stacks = slot_values(event, event.row.data) if event.row else ()
        return any(self._marks.repeats(stack) for stack in stacks if isinstance(stack, Sequence))

    def _limits(self, event: Event) -> list[str]:
        """What a decision compares with, and whose number that is: `default` of a function's parameter,
        `constructor`, or a named constant."""
        score, limit = (dict(event.arguments)[name] for name in ("score", "limit"))
        numbers = limit.items if isinstance(limit, Sequence) else (limit,)
        traits = ["setting" if isinstance(limit, Setting) else "number"]
        traits += [f"limit:{number.value}" for number in numbers if isinstance(number, Scalar)]
        traits += ["statistic"] if kind_of(self._machine, score) == "number" else []
        ends = self._fates.of(event.place, whole=False)
        traits += ["counted"] if ends <= {COUNTED, SHOWN} else []  # or nothing comes of it
        traits += ["steers"] if steers(self._machine, event.place) else []
        places = [number.place for number in numbers if isinstance(number, Scalar) and number.place[0] >= 0]
        traits += ["setting"] if any(map(self._may_be_filled, places)) else []
        names = {name for place in places for name in self._names_of(place)}
        traits += [f"named:{name}" for name in sorted(names)]
        return traits + sorted({self._whose(place, event) for place in places} - {""})

    def _may_be_filled(self, place: Place) -> bool:
        """Whether a number is the default of a field that whoever loads settings gives another value."""
        unit = self._machine.program.unit_at(place)
        return self._machine.info(unit).kind == "class" and may_be_filled(self._machine, unit)

    def _names_of(self, place: Place) -> Iterator[str]:
        """The constant or the parameter that a number is the value or the default of."""
        machine, unit = self._machine, self._machine.program.unit_at(place)
        info, frame = machine.info(unit), machine.frames.get(unit)
        if frame is not None and info.kind in ("module", "class"):
            exported = ((name, frame.values[index]) for name, index in info.exports)
            yield from (name for name, value in exported if isinstance(value, Scalar) and value.place == place)
        for holder in machine.program.units_of(place[0]):
            values = machine.defaults.get(holder, ())
            if not machine.info(holder).start <= place[1] < machine.info(holder).end:
                continue  # a default that stands elsewhere has its name there
            for parameter, value in zip(machine.info(holder).parameters, values, strict=False):
                if isinstance(value, Scalar) and value.place == place:
                    yield parameter.name

    def _whose(self, place: Place, event: Event) -> str:
        program = self._machine.program
        unit = self._machine.info(program.unit_at(place))
        if unit.kind == "module" or unit.kind == "class":
            return "constant"
        if unit.kind == "function" and program.unit_at(place) != program.unit_at(event.place):
            return "constructor" if unit.name == "__init__" else "passed"
        return ""


def _task_name(machine: Machine, event: Event) -> str:
    """The name that a task is given, as far as it is known, else that of its function."""
    row = event.row
    if row is None or row.task is None:
        return ""
    value = None if row.task.name is None else argument(event.arguments, row.task.name)
    name = HOLE if value is None else shown(machine, value)
    unit = -1 if row.callback is None else unit_of(argument(event.arguments, row.callback))
    return name if name != HOLE else machine.info(unit).name if unit >= 0 else ""


def left_out(machine: Machine, event: Event) -> list[str]:
    """The columns that a call drops, as far as their names are known; arguments that only choose the row say none."""
    parts = [part for value in _dropped(machine, event) for part in _parts(value)]
    return sorted({name for part in parts if (name := literal(part)) is not None})


def _without(machine: Machine, key: Value) -> list[str]:
    """What a choice of columns leaves out of those that a table has."""
    names, more = names_left(machine, key)
    return [*(f"without:{name}" for name in names), *([WITHOUT_MORE] if more else [])]


def _leaves_out_more(machine: Machine, event: Event) -> bool:
    """Whether a list of columns that a call drops may hold names that are not known."""
    lists = [value for value in _dropped(machine, event) if isinstance(value, Sequence)]
    return any(value.rest or any(literal(part) is None for part in value.items) for value in lists)


def _dropped(machine: Machine, event: Event) -> list[Value]:
    asked = [] if event.row is None else [argument(event.arguments, condition.slot) for condition in event.row.when]
    return [names_told(machine, value) for _, value in event.arguments if not any(value is one for one in asked)]


def _parts(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, Sequence) else (value,)


def role_of(event: Event) -> Role | None:
    """The role of an event; of one without a row, what the engine saw it do. Rows that nobody here gives have none."""
    if event.what == GIVEN:
        return None
    if event.row is None:
        return _ROLES.get(event.what, Role.DERIVE)
    return event.row.role or Role.DERIVE


def node_kind(event: Event, machine: Machine) -> NodeKind:
    """The kind of node an event is."""
    if event.what == "column":
        return NodeKind.FEATURE
    if event.what == GIVEN:
        return NodeKind.PARAMETER
    role = None if event.row is None else event.row.role
    kind = "" if event.receiver is None else kind_of(machine, event.receiver).partition(".")[0]
    if role is Role.PREDICT:
        return NodeKind.PREDICTION
    if role in (Role.FIT_TRANSFORM, Role.TRANSFORM) or (role is Role.FIT and kind == "transformer"):
        return NodeKind.TRANSFORM
    if role in (Role.FIT, Role.SEARCH):
        return NodeKind.MODEL
    result = "" if event.row is None or not event.row.result else event.row.result[0]
    if role is Role.LOAD and (result.startswith("model") or kind == "model"):
        return NodeKind.MODEL
    return NodeKind.STEP


def edge_kind(event: Event, use: Use) -> EdgeKind:
    """The kind of edge from what an event uses to the event."""
    if isinstance(use.source, Setting):
        return EdgeKind.CONFIGURES
    role = None if event.row is None else event.row.role
    if role in (Role.FIT, Role.SEARCH, Role.FIT_TRANSFORM):
        if use.slot in ("data", "label"):
            return EdgeKind.TRAINS if role is not Role.FIT_TRANSFORM else EdgeKind.FITS
        return EdgeKind.CONFIGURES
    if role is Role.PREDICT:
        return EdgeKind.PREDICTS
    if role is Role.EVALUATE:
        return EdgeKind.EVALUATES
    if role in (Role.WRITE, Role.PERSIST, Role.TRACK):
        return EdgeKind.WRITES
    return EdgeKind.DERIVES


def shown(machine: Machine, value: Value) -> str:
    """A text with holes, as a name."""
    text = as_text(machine.pool, value)
    return "".join(part if isinstance(part, str) else HOLE for part in text.parts) or HOLE


def score_name(machine: Machine, value: Value) -> str:
    """The column or key that is compared, if it has a name."""
    if isinstance(value, Item):
        return literal(value.key) or "score"
    if isinstance(value, Result):
        return machine.pool.column_name(value.index) or "score"
    if isinstance(value, Member):
        return score_name(machine, value.base)
    return "score"


def _known(value: Value) -> str:
    """A number or text as it is written; `?` for anything else."""
    text = repr(value.value) if isinstance(value, Scalar) else literal(value)
    return "?" if text is None else text


def _moves(pin: Value | None) -> bool:
    """Whether a revision is the name of a branch, or nothing as long as nobody sets it."""
    if isinstance(pin, Setting):
        return pin.default is None or is_none(pin.default) or _moves(pin.default)
    return pin is not None and literal(pin) in _BRANCHES


def _told_when_to_stop(event: Event) -> list[Value]:
    given = (argument(event.arguments, slot, event.receiver) for slot in (event.row.stops if event.row else ()))
    return [value for value in given if value is not None]


def _asks_for_best(machine: Machine, value: Value) -> bool:
    """A number of rounds, a flag that is set, or a callback that picks; of several any."""
    if isinstance(value, (Sequence, Alt)):
        return any(
            _asks_for_best(machine, part) for part in (value.items if isinstance(value, Sequence) else value.values)
        )
    if isinstance(value, Scalar):
        return bool(value.value)
    return isinstance(value, Setting) or picks_best(kind_of(machine, value))


def _left_over(machine: Machine, key: Value) -> list[str]:
    """How columns are chosen out of those that a table has: all but some, or by their type."""
    parts = key.items if isinstance(key, Sequence) else (key,)
    origins = machine.pool.origins(key)
    picked = {
        trait for o in origins if isinstance(o, Result) and o.event.row is not None for trait in o.event.row.traits
    }
    if "listed" in picked or any(isinstance(origin, Setting) for origin in origins):
        return []
    if sum(literal(part) is not None for part in parts) >= _NAMED:
        return []  # columns made of a few kinds, beside a list of the others
    kinds = [kind_of(machine, part) for part in parts]
    if not any(kind in ("text.name", "slice.open") or kind.endswith(".names") for kind in kinds):
        return []
    return ["by-type" if "by-type" in picked else "all-but"]
