"""What calls give the same parameter in different places: a number in the code here, a setting there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mldebt.graph.settings import Given
from mldebt.link.components import Components
from mldebt.link.kinds import instance_kind, kind_of
from mldebt.link.machine import Arguments, Machine
from mldebt.link.plain_values import masked, plain
from mldebt.link.said_by_callers import SaidByCallers
from mldebt.link.slots import expanded
from mldebt.link.spelled import constants, parameters
from mldebt.link.values import Code, Event, Place, Scalar, Sequence, Setting, Value
from mldebt.roles import Role
from mldebt.source import Purpose

_TRIVIAL = frozenset({-1, 0, 1})
_PREPARES = frozenset({Role.CONSTRUCT, Role.TRANSFORM, Role.FIT_TRANSFORM})
_TRANSFORMER, _LAYER = "transformer", ".layer"
_NETWORK, _ROWS = "model", "data"
_OF_ML = frozenset({_NETWORK, _ROWS})


class GivenArguments:
    """The arguments of one linking that are plain values or settings: of functions and classes here with ML steps, and
    of what prepares data."""

    def __init__(self, machine: Machine, components: Components, is_ml: Callable[[int], bool]) -> None:
        self._machine, self._components, self._is_ml = machine, components, is_ml
        self._constants, self._defaults = constants(machine), parameters(machine)
        self._callers = SaidByCallers(machine)

    def all(self) -> tuple[Given, ...]:
        """Each once, in the order of places."""
        found = {*self._of_own(), *self._of_libraries()}
        return tuple(sorted(found, key=lambda one: (one.at, one.callee, one.parameter, one.value, one.setting)))

    def _of_own(self) -> Iterator[Given]:
        handed = [(one, tuple(several)) for one, several in self._machine.noted.handed.items()]  # asking hands on more
        for (unit, place), several in handed:
            made = self._maker(unit)
            kind = instance_kind(self._machine, unit).partition(".")[0] if made != unit else ""
            if made is not None and (self._is_ml(made) or self._is_ml(unit) or kind in _OF_ML):
                callee, file = self._machine.info(unit).id, self._machine.program.path_of(unit)
                network = kind == _NETWORK
                for arguments in several:
                    found = self._given(callee, self._named(made, arguments, makes=made != unit), place)
                    yield from (replace(one, network=network, file=file) for one in found)

    def _maker(self, unit: int) -> int | None:
        """The function that takes the arguments: that which makes an object of a class."""
        if self._machine.info(unit).kind != "class":
            return unit
        made = self._machine.export(unit, "__init__", unit)
        return made.unit if isinstance(made, Code) else None

    def _named(self, unit: int, arguments: Arguments, *, makes: bool) -> Iterator[tuple[str, Value]]:
        """The arguments by the names of the parameters; what makes an object is given all but the first."""
        names = [one.name for one in self._machine.info(unit).parameters][int(makes) :]
        for index, (name, value) in enumerate(arguments):
            if name not in ("*", "**") and (name or index < len(names)):
                yield name or names[index], value

    def _of_libraries(self) -> Iterator[Given]:
        for event in self._machine.happened():
            callee = self._preparing(event) if event.what == "call" else ""
            if callee:
                given = enumerate(expanded(event.arguments))
                yield from self._given(callee, ((name or str(at), value) for at, (name, value) in given), event.place)

    def _preparing(self, event: Event) -> str:
        """What prepares data in a call: the class that it makes an object of, or the kind of object that does it."""
        if event.row is None or event.row.role not in _PREPARES:
            return ""
        makes = event.row.role is Role.CONSTRUCT
        kind = "" if event.receiver is None else kind_of(self._machine, event.receiver)
        kind = next(iter(event.row.result), "") if makes else kind
        told = kind.startswith(_TRANSFORMER) and not kind.endswith(_LAYER)
        return (event.callee if makes else kind) if told else ""

    def _given(self, callee: str, named: Iterable[tuple[str, Value]], place: Place) -> Iterator[Given]:
        program = self._machine.program
        unit = program.unit_at(place)
        if place[0] < 0 or program.purpose(unit) is not Purpose.PRODUCTION:
            return
        for parameter, value in named:
            said = filter(None, map(self._said, self._callers.values(value, unit)))
            # A number that a caller says is given there, to what it calls.
            for text, setting, home in dict.fromkeys(one for one in said if one[1] or not value.open):
                span = program.span(place)
                yield Given(
                    callee=callee, parameter=parameter, value=text, at=program.span(home) if not setting else span,
                    symbol=self._machine.info(unit).id, component=self._components.of(span.path), setting=setting,
                    home=program.span(home),
                )  # fmt: skip

    def _said(self, value: Value) -> tuple[str, str, Place] | None:
        """The text of an argument, the name of the setting or constant that says it, and where that stands."""
        setting = _setting_in(self._machine, value)
        if setting is not None:
            values = self._machine.settings.values(setting) if setting is value else ()
            values = values or (() if setting.default is None or setting is not value else (setting.default,))
            texts = {masked(setting.name, one) for one in values}
            name = ".".join(setting.keys) or setting.name
            return (texts.pop() or "" if len(texts) == 1 else "", name, setting.place) if name else None
        place, text = _place(value), _plain(value)
        if place is None or place[0] < 0 or text is None or place in self._defaults:
            return None
        constant, _ = self._constants.get(place, ("", ""))
        return text, constant, place


def _setting_in(machine: Machine, value: Value) -> Setting | None:
    """The one setting of which a value is made, or a part."""
    if isinstance(value, Setting):
        return value if value.place[0] >= 0 else None
    found = [one for one in machine.pool.origins_of(value) if isinstance(one, Setting) and one.place[0] >= 0]
    return found[0] if len(found) == 1 and not isinstance(value, (Scalar, Sequence)) else None


def _place(value: Value) -> Place | None:
    if isinstance(value, Sequence) and value.items:
        return _place(value.items[0])
    return value.place if isinstance(value, Scalar) else None


def _plain(value: Value) -> str | None:
    """A number that says something, or several of them."""
    if isinstance(value, Scalar):
        number = isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
        return plain(value) if number and value.value not in _TRIVIAL else None
    if isinstance(value, Sequence) and value.items and all(isinstance(one, Scalar) for one in value.items):
        parts = [_plain(one) for one in value.items]
        return None if None in parts else f"({', '.join(str(part) for part in parts)})"
    return None
