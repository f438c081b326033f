"""One interpretation of the repository: every unit once, with parameters as open values.

A unit's summary is a template: what it returns, what happens in it (effects) while parameters are
open, and which parameters it changes. A call site fills the template with its arguments
(`link/filling.py`), so a helper called with two paths is two sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from mldebt.catalogue import Catalogue
from mldebt.extract import ReadSql, read_sql
from mldebt.facts import NONE, Define, Import, Step
from mldebt.link.data_sets import CATALOGUED, DataSets
from mldebt.link.given import CommandLines
from mldebt.link.glances import only_named
from mldebt.link.imports import Imports
from mldebt.link.noted import Noted
from mldebt.link.pool import Pool
from mldebt.link.program import Program
from mldebt.link.running import Run
from mldebt.link.settings import SettingsFiles
from mldebt.link.values import Code, Deferred, Event, Instance, Module, Place, Result, Setting, Value
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.slots import Slot

DEEPEST = 40
MOST_EFFECTS = 200
MOST_MARKS = 60
MOST_MINOR = 24
MOST_WORK = 16000
MOST_WAITED = 400
FREE_WORK = 150
WORK_PER_EVENT = 100
MOST_DEEP = 200
MOST_WAITING = 12
MOST_ROUNDS = 48

_MARKS = frozenset({
    Role.READ, Role.WRITE, Role.LOAD, Role.PERSIST, Role.TRACK, Role.SPLIT, Role.FIT, Role.FIT_TRANSFORM, Role.SEARCH,
    Role.PREDICT, Role.EVALUATE, Role.VALIDATE,
})  # fmt: skip
_CONSUMED = frozenset({Role.READ, Role.LOAD})
_RETURNED = _CONSUMED | {Role.PREDICT}

STATE = "state."
"""How the kinds of values begin in which an application keeps what its requests share."""

Effect = Event | Deferred
Arguments = tuple[tuple[str, Value], ...]
Guards = tuple[tuple[Value, bool], ...]
Held = tuple[tuple[Value, ...], Value, bool]
"""The keys that lead to a place in a field, what is put there, and whether beside what is there already."""


@dataclass(slots=True)
class Summary:
    """What calling a unit means. `updates` are new values of parameters it changes in place."""

    returns: Value
    effects: tuple[Effect, ...] = ()
    updates: tuple[tuple[int, Value], ...] = ()


@dataclass(slots=True)
class Frame:
    """A unit while it is interpreted: the values of its steps so far, and what happened. `learned` are the steps whose
    values were fitted in place, in order, with the values before."""

    unit: int
    file: int
    steps: tuple[Step, ...]
    values: list[Value]
    effects: dict[Effect, None] = field(default_factory=dict)
    minor: dict[Effect, None] = field(default_factory=dict)
    returns: list[tuple[Guards, Value]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    guards: list[tuple[Value, bool]] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    rounds: int = 0
    work: int = 0
    waited: int = 0
    granted: int = FREE_WORK
    deep: int = 0
    loops: int = 0
    waiting: dict[Place, int] = field(default_factory=dict)
    gates: dict[int, Value] = field(default_factory=dict)
    put: dict[tuple[Value, Value], Value] = field(default_factory=dict)
    unrolling: int = 0
    arms: dict[int, list[dict[Event, None]] | None] = field(default_factory=dict)
    learned: list[tuple[int, Value]] = field(default_factory=list)

    def undecided(self) -> Guards:
        """The conditions around what happens now of which only callers know whether they hold."""
        return tuple([one for one in self.guards if one[0].open])


def _is_mark(effect: Effect) -> bool:
    """Whether more than a table or column is made: in long preparations these crowd out what becomes of them."""
    return isinstance(effect, Event) and effect.row is not None and effect.row.role in _MARKS


def _is_minor(event: Event) -> bool:
    """What is worth little to callers: showing, comparing with a number or a score, a flag's branch, a check."""
    if event.what in ("decide", "choose", "branch", "stop", "given"):
        return True
    return event.row is not None and event.row.role in (Role.INSPECT, Role.LOG)


@dataclass(frozen=True, slots=True)
class Made:
    """What a decorator makes of a function: an endpoint, a command, a task. `place` is the function, `at` where the
    decorator itself stands."""

    what: str
    callee: str
    arguments: Arguments
    place: Place
    at: Place


class Machine:
    """The state of one linking: what is known of units, fields and globals, and what happened."""

    def __init__(
        self,
        program: Program,
        catalogue: Catalogue,
        runs: Mapping[int, tuple[Run, ...]] | None = None,
        environment: str = "",
        read_sql: ReadSql = read_sql,
    ) -> None:
        self.program, self.read_sql = program, read_sql
        self.settings = SettingsFiles(program, environment)
        self.data_sets = DataSets(program, environment)
        self.info = program.units.__getitem__
        self.is_test = program.is_test.__getitem__
        self.canonical = lru_cache(maxsize=None)(catalogue.canonical)
        self.rows_of_call = lru_cache(maxsize=None)(catalogue.of_call)
        self._handing: dict[tuple[int, Role], Row] = {}
        self.catalogue = catalogue
        self.pool = Pool()
        self.imports = Imports(program, catalogue, self.pool)
        self.command_lines = CommandLines(program, self.imports, self.pool, runs or {})
        self.summaries: dict[int, Summary] = {}
        self.frames: dict[int, Frame] = {}
        self.running: list[int] = []
        self.applying: list[int] = []
        self.applied: dict[tuple[int, Arguments, Place, tuple[Place, ...]], Value] = {}
        self.on_objects: dict[tuple[int, Instance], Summary] = {}
        self.ground: dict[Event, None] = {}
        self.calls: dict[tuple[int, int, Place], None] = {}
        self.setting_uses: dict[tuple[Setting, int], Place] = {}
        self.consumed: dict[tuple[int, Event], Place] = {}
        self.returned: dict[tuple[int, Event], Place] = {}
        self.references: dict[int, set[int]] = defaultdict(set)
        self.defaults: dict[int, tuple[Value | None, ...]] = {}
        self.annotations: dict[int, tuple[Value | None, ...]] = {}
        self.bases: dict[int, tuple[Value, ...]] = {}
        self.made: dict[int, list[Made]] = {}
        self.fields: dict[tuple[int, str], dict[tuple[Value, int], None]] = {}
        self.held: dict[tuple[int, str], dict[tuple[Held, int], None]] = {}
        self.field_names: dict[int, set[str]] = defaultdict(set)
        self.field_values: dict[tuple[Instance, str], Value] = {}
        self.handed: dict[tuple[int, Instance], dict[int, Mapping[tuple[int, int], Value] | None]] = {}
        self.resolving: set[tuple[int, str]] = set()
        self.asked_fields: list[tuple[int, str]] = []
        self.globals: dict[tuple[int, str], dict[Value, None]] = {}
        self.shelves: dict[tuple[int, str], dict[tuple[Value, Value], None]] = {}
        self.states: dict[tuple[str, str], dict[tuple[Value, int], None]] = {}
        self.state_names = catalogue.names_of(STATE)
        self.state_read = False
        self.named: dict[Event, str] = {}
        self.unknown_calls: dict[str, int] = {}
        self.unresolved: dict[str, int] = {}
        self.read_classes: set[int] = set()
        self.options: dict[Value, dict[str, Value]] = {}
        self.stars: dict[int, list[Value]] = {}
        self._offered: dict[int, frozenset[str]] = {}
        self._star_units: dict[int, tuple[int, ...]] = {}
        self._star_names: dict[tuple[int, str], tuple[int, ...]] = {}
        self.noted = Noted()
        self.rounds: list[int] = []
        self.failed: dict[int, str] = {}
        self.handlers: frozenset[int] = frozenset()
        self.only_named = only_named(program, catalogue)

    def interpret(self, unit: int) -> Summary:
        """The summary of a unit; of one that is being interpreted, an unknown one."""
        found = self.summaries.get(unit)
        if found is not None:
            return found
        if unit in self.frames:
            return Summary(self.pool.not_followed("recursion"))
        if len(self.running) >= DEEPEST:
            self.pool.count("depth")
            return Summary(self.pool.not_followed("too deep"))
        return self._interpret(unit)

    def _interpret(self, unit: int) -> Summary:
        from mldebt.link.flow import run_unit

        info = self.program.units[unit]
        steps = self.program.body(unit)
        frame = Frame(unit, self.program.file_of[unit], steps, [self.pool.unknown] * len(steps))
        frame.names = dict(info.names)
        self.frames[unit] = frame
        self.running.append(unit)
        try:
            summary = run_unit(self, frame)
        except Exception as error:  # a defect of the linker must cost one unit, and is reported for it
            summary = self.fail(unit, error)
        finally:
            self.running.pop()
        self.summaries[unit] = summary
        frame.steps = ()
        kept: list[Value] = [self.pool.unknown] * len(steps)
        for _, index in info.exports:
            kept[index] = frame.values[index]
        frame.values = kept
        return summary

    def fail(self, unit: int, error: Exception) -> Summary:
        """Notes that a unit could not be interpreted; it means nothing that is known."""
        self.failed[unit] = f"{type(error).__name__}: {error}"
        return Summary(self.pool.not_followed("internal failure"))

    def emit(self, frame: Frame, effect: Effect) -> None:
        """Notes that something happens: for good when it is closed, for callers to fill otherwise."""
        if isinstance(effect, Deferred):
            self._hold(frame, effect)
            return
        minor = _is_minor(effect)
        if not minor:
            frame.granted = min(MOST_WORK, frame.granted + WORK_PER_EVENT)
        if not effect.open:
            self.ground[effect] = None
        elif not minor:
            self._hold(frame, effect)
        elif len(frame.minor) < MOST_MINOR:
            frame.minor[effect] = None

    def left_out(self, done: Callable[[Frame], object], unit: int) -> None:
        """Does what an arm that is not taken would do, and notes what would happen: it is known what stands there."""
        ground, self.ground = self.ground, {}
        done(Frame(unit, self.program.file_of[unit], (), []))
        self.noted.left_out.update(self.ground)
        self.ground = ground

    def happened(self) -> tuple[Event, ...]:
        """What happens for good, so far: a field that is asked for may make the call that stored it happen again."""
        return tuple(self.ground)

    def _hold(self, frame: Frame, effect: Effect) -> None:
        most = MOST_EFFECTS + MOST_MARKS * _is_mark(effect)
        if len(frame.effects) < most and self._has_room(frame, effect):
            frame.effects[effect] = None
        elif effect not in frame.effects:
            self.noted.full.add(frame.unit)
            self.pool.count("effects")

    def _has_room(self, frame: Frame, effect: Effect) -> bool:
        """Whether a unit may hold one more of what waits at a place: one helper called often must
        not crowd out the rest."""
        if isinstance(effect, Event) or effect in frame.effects:
            return True
        count = frame.waiting.get(effect.place, 0) + 1
        frame.waiting[effect.place] = count
        return count <= MOST_WAITING

    def store(self, owner: int, name: str, value: Value, unit: int) -> None:
        """Notes that a method of a class stores a value in a field of its objects; -1 where it is no method of it."""
        self.fields.setdefault((owner, name), {})[value, unit] = None
        self.field_names[owner].add(name)

    def refer(self, unit: int, from_unit: int) -> None:
        """Notes that the code of one unit names another."""
        self.references[unit].add(from_unit)

    def consume(self, unit: int, value: Value, place: Place, *, returned: bool = False) -> None:
        """Notes that a unit gets stored data: as an argument, from a name of the module, or (which
        counts for entries only) returned by what it calls; and the predictions that it gets so."""
        noted, roles = (self.returned, _RETURNED) if returned else (self.consumed, _CONSUMED)
        for origin in self.pool.origins_of(value):
            if isinstance(origin, Result) and not origin.open and origin.event.row is not None:
                if origin.event.row.role in roles:
                    noted.setdefault((unit, origin.event), place)

    def handing(self, row: Row, role: Role) -> Row:
        """The access by which a task that `row` describes reads or writes a data set: one object for each."""
        key = id(row), role
        if key not in self._handing:
            store = row.task.store if row.task is not None else row.store
            target, data = (Slot(0),), (Slot(1),) if role is Role.WRITE else ()
            self._handing[key] = Row(
                row.names, row.library, "call", role=role, target=target, store=store, data=data,
                traits=row.traits & {CATALOGUED},
            )
        return self._handing[key]

    def unit_of(self, file: int, local: int) -> int:
        """The number of a unit by its index in its file."""
        return self.program.first[file] + local

    def module_value(self, module: Module, name: str, from_unit: int) -> Value | None:
        """What `name` is in a module: an export, a star import, or a submodule."""
        if module.file >= 0:
            unit = self.program.module_unit(module.file)
            if unit >= 0:
                found = self.export(unit, name, from_unit)
                if found is not None:
                    return found
        return self.imports.submodule(module, name)

    def export(self, unit: int, name: str, from_unit: int) -> Value | None:
        """A name of a module or class unit. Definitions are known before the unit is interpreted,
        so import cycles do not matter to them."""
        info = self.info(unit)
        offered = self._offered.get(unit)
        if offered is not None and name not in offered:
            return None
        index = self.program.exports(unit).get(name, NONE)
        if index == NONE:
            return self._star(unit, name, from_unit)
        if unit not in self.frames:
            self.interpret(unit)
        frame = self.frames.get(unit)
        value = frame.values[index] if frame is not None else self.pool.unknown
        if value is self.pool.unknown and frame is not None and frame.steps:
            value = self._early(frame, frame.steps[index])
        stored = self.globals.get((self.program.file_of[unit], name)) if info.kind == "module" else None
        value = self.pool.alt(value, *stored) if stored else value
        if isinstance(value, Code):
            self.refer(value.unit, from_unit)
        return value

    def _early(self, frame: Frame, step: Step) -> Value:
        if isinstance(step, Define):
            return self.pool.code(self.unit_of(frame.file, step.unit))
        if isinstance(step, Import):
            module = self.imports.resolve(frame.file, step.module, step.level)
            if not step.name:
                return module
            inside = self.imports.submodule(module, step.name) if isinstance(module, Module) else None
            if inside is not None:  # a package may take its own modules from itself, by its full name
                return inside
        return self.pool.not_followed("import cycle")

    def _star(self, unit: int, name: str, from_unit: int) -> Value | None:
        if unit not in self.stars or name.startswith("_"):
            return None
        for target in self._star_sources(unit, name):
            found = self.export(target, name, from_unit)
            if found is not None:
                return found
        return None

    def _star_sources(self, unit: int, name: str) -> tuple[int, ...]:
        """The modules that a name may come from by a star import; remembered once all of them are known."""
        key = unit, name
        found = self._star_names.get(key)
        if found is None:
            targets = self._starred(unit)
            offers = [self._offers(target) for target in targets]
            pairs = zip(targets, offers, strict=True)
            found = tuple([target for target, offered in pairs if offered is None or name in offered])
            if None not in offers and unit in self.summaries:
                self._star_names[key] = found
        return found

    def _starred(self, unit: int) -> tuple[int, ...]:
        """The modules of the repository from which a module takes all names."""
        found = self._star_units.get(unit)
        if found is None:
            modules = [module.file for module in self.stars.get(unit, ()) if isinstance(module, Module)]
            units = [self.program.module_unit(file) for file in modules]
            found = tuple([target for target in units if target >= 0 and target != unit])
            if unit in self.summaries:
                self._star_units[unit] = found
        return found

    def _offers(self, unit: int) -> frozenset[str] | None:
        """All names that a module has, those of its own star imports among them; None while it runs."""
        found = self._offered.get(unit)
        if found is None and unit in self.summaries:
            own = self._offered[unit] = frozenset(self.program.exports(unit))  # modules can star one another
            inner = [self._offers(target) for target in self._starred(unit)]
            found = own.union(*(names for names in inner if names is not None))
            self._offered[unit] = found
            if None in inner:
                self._offered.pop(unit)
                return None
        return found
