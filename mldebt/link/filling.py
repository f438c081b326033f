"""Filling templates: parameters get values, and what waited for them is done."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mldebt.link import operators, texts
from mldebt.link.access import attribute, item
from mldebt.link.calling import Site, call
from mldebt.link.columns import chooses
from mldebt.link.descending import DESCENT, descended
from mldebt.link.fields import field_value, global_value
from mldebt.link.fitted import CHANGED, FITTED, changed, fitted
from mldebt.link.kinds import kind_of, truth
from mldebt.link.machine import MOST_DEEP, MOST_WAITED, Arguments, Effect, Frame, Machine
from mldebt.link.picks import marked_key, unpacked
from mldebt.link.pool import MOST_ALTERNATIVES, TOO_MANY, any_argument_open
from mldebt.link.values import (
    NOWHERE,
    Alt,
    Bound,
    Deferred,
    Derived,
    Event,
    Handle,
    Instance,
    Item,
    Member,
    Other,
    Param,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
)

LONGEST_CHAIN = 4
_OF_TABLES = ("column", "select")


@dataclass(slots=True)
class Filler:
    """One filling: at the call site `site`, or for good (`final`) when nobody fills the rest.

    `binding` maps (unit, index) of parameters to values; `around` are the call sites around `site`.
    The chain of an event grows by the call site unless only the object itself was filled in: an
    object's own state is no new context."""

    machine: Machine
    frame: Frame
    binding: dict[tuple[int, int], Value]
    site: Place | None
    final: bool = False
    around: tuple[Place, ...] = ()
    memo: dict[Value, Value] = field(default_factory=dict)
    events: dict[Event, Event] = field(default_factory=dict)

    def effect(self, effect: Effect) -> None:
        """Makes an effect of the template happen here."""
        if isinstance(effect, Deferred):
            if self.frame.waited > MOST_WAITED:
                return
            before = self.frame.work
            filled = self.fill(effect)
            self.frame.waited += self.frame.work - before
            if isinstance(filled, Deferred):
                self.machine.emit(self.frame, filled)
        elif effect.what != "branch" or not self._is_undecided(effect):
            self._happen(effect)

    def _is_undecided(self, branch: Event) -> bool:
        """Whether nothing can come of a branch: nobody knows its condition, here or at a call before."""
        condition, undecided = self.fill(branch.arguments[0][1]), self.machine.noted.undecided
        if condition.open or branch.place in undecided:
            return not condition.open
        if truth(condition) is None:
            undecided.add(branch.place)
        return False

    def _happen(self, effect: Event) -> None:
        event = self.event(effect)
        if not event.guards or all(truth(condition) is not (not wanted) for condition, wanted in event.guards):
            self.machine.emit(self.frame, event)
            if self.final and event.what == "branch":
                self.machine.ground[event] = None  # a setting decides it, which stays one to the end

    def effect_value(self, effect: Effect) -> Effect:
        """The effect with what is known here, not yet happening."""
        if isinstance(effect, Event):
            return self.event(effect)
        filled = self.fill(effect)
        return filled if isinstance(filled, Deferred) else effect

    def event(self, event: Event) -> Event:
        """The event with what is known here."""
        if not event.open:
            return event
        found = self.events.get(event)
        if found is None:
            self.events[event] = event  # guards against cycles
            found = self.events[event] = self._event(event)
        return found

    def _event(self, event: Event) -> Event:
        machine = self.machine
        receiver = None if event.receiver is None else self.fill(event.receiver)
        arguments = self._named(event.arguments)
        guards = tuple([(self._undecided(self.fill(given)), wanted) for given, wanted in event.guards])
        if (receiver, arguments, guards) == (event.receiver, event.arguments, event.guards) and not self.final:
            return event  # of a function around the one that is called: nothing of it is known here
        guards = (*guards, *(one for one in self._around() if one not in guards))
        chain = event.chain if self.site is None else (*event.chain, self.site, *self.around)
        is_open = (receiver is not None and receiver.open) or any_argument_open(arguments)
        is_open = is_open or (guards != () and any(condition.open for condition, _ in guards))
        filled = machine.pool.event(
            Event(
                open=is_open,
                what=event.what,
                row=event.row,
                callee=event.callee,
                place=event.place,
                unit=event.unit,
                receiver=receiver,
                arguments=arguments,
                chain=chain,
                guards=guards,
                sure=event.sure or self._is_table(event, receiver),
            )
        )
        if event in machine.named:
            machine.named.setdefault(filled, machine.named[event])
        if is_open and len(chain) >= LONGEST_CHAIN and not self.final:
            machine.pool.count("context")
            return Filler(machine, self.frame, {}, None, final=True).event(filled)
        return filled

    def _around(self) -> Iterable[tuple[Value, bool]]:
        """What decides whether the call happens at all, as far as the callers around it say so: whoever starts a
        program may set an option otherwise."""
        guards = self.frame.undecided() if self.site is not None else ()
        return [one for one in guards if operators.is_of_callers(one[0])]

    def fill(self, value: Value) -> Value:
        """The value with what is known here, as long as the unit has not had more than its share of work."""
        if not value.open:
            return value
        found = self.memo.get(value)
        if found is not None:
            return found
        frame, pool = self.frame, self.machine.pool
        self.memo[value] = pool.unknown  # a cycle is unknown
        frame.work += 1
        if frame.work > frame.granted or frame.deep >= MOST_DEEP:
            if frame.work <= frame.granted + 1:
                pool.count("work")
            filled: Value = pool.not_followed("too much to follow")
        else:
            frame.deep += 1
            filled = _FILLS[type(value)](self, value)
            frame.deep -= 1
        self.memo[value] = filled
        return filled

    def _result(self, value: Result) -> Value:
        event = self.event(value.event)
        if event.what == "select" and not event.open and not chooses(self.machine, event):
            return self._not_chosen(event, value)
        return self.machine.pool.result(event, value.kind or self._table_kind(event), value.index)

    def _derived(self, value: Derived) -> Value:
        return self.machine.pool.derived(value.kind, *self._filled(value.origins))

    def _member(self, value: Member) -> Value:
        place = self.machine.noted.asked.get(value, NOWHERE)
        found = attribute(self.machine, self.fill(value.base), value.name, self.frame.unit, place)
        # An object that is filled in for good has its fields now: nobody comes after to fill them in.
        return self._stored(found) if self.final and isinstance(found, Deferred) and found.op == "field" else found

    def _item(self, value: Item) -> Value:
        base, key, asked = self.fill(value.base), self.fill(value.key), value.key
        if isinstance(asked, Deferred) and asked.op == "call":  # only now it is known whether it tells rows
            key = marked_key(self.machine, asked.place, asked.unit, base, key)
        return item(self.machine, base, key)

    def _alt(self, value: Alt) -> Value:
        return self.machine.pool.alt(*self._filled(value.values))

    def _is_table(self, event: Event, receiver: Value | None) -> bool:
        """Whether a column is written to what turns out to be a table, or columns of it are chosen."""
        return event.what in _OF_TABLES and receiver is not None and kind_of(self.machine, receiver).startswith("table")

    def _table_kind(self, event: Event) -> str:
        """What a column was written to, or columns are chosen of, once that is known: the table's kind."""
        if event.what not in _OF_TABLES or event.receiver is None:
            return ""
        return kind_of(self.machine, event.receiver)

    def _not_chosen(self, event: Event, value: Result) -> Value:
        """What may have been a choice of columns picks one column, or rows."""
        assert event.receiver is not None
        found = item(self.machine, event.receiver, dict(event.arguments)["key"])
        name = self.machine.pool.column_name(value.index)
        return found if name is None else item(self.machine, found, self.machine.pool.text([name]))

    def _sequence(self, value: Sequence) -> Value:
        return self.machine.pool.sequence(value.kind, self._filled(value.items), value.rest)

    def _record(self, value: Record) -> Value:
        keys = self._filled(value.keys)
        return self.machine.pool.record(keys, self._filled(value.items), value.rest)

    def _instance(self, value: Instance) -> Value:
        given, place = self._named(value.arguments), self.site or value.place
        return value if given == value.arguments else self.machine.pool.instance(value.unit, given, place)

    def _bound(self, value: Bound) -> Value:
        return self.machine.pool.bound(self.fill(value.callee), self._named(value.arguments))

    def _other(self, value: Other) -> Value:
        return self.machine.pool.other(self.fill(value.base), self.fill(value.left))

    def _handle(self, value: Handle) -> Value:
        return self.machine.pool.handle(self.fill(value.path), value.mode, value.place)

    def _setting(self, value: Setting) -> Value:
        default = None if value.default is None else self.fill(value.default)
        if value.file is not None:
            return self.machine.pool.key_of_file(self.fill(value.file), value.keys, default, value.place, value.loaded)
        return self.machine.pool.setting(value.how, value.name, default, value.place, value.variables)

    def _unknown(self, value: Unknown) -> Value:
        origins = self._filled(value.origins)
        if value.reason == TOO_MANY:
            return self.machine.pool.too_many(*origins)
        return self.machine.pool.not_followed(value.reason, *origins)

    def _filled(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple([self.fill(value) if value.open else value for value in values])

    def _named(self, arguments: Iterable[tuple[str, Value]]) -> Arguments:
        return tuple([(name, self.fill(part) if part.open else part) for name, part in arguments])

    def _parameter(self, value: Param) -> Value:
        found = self.binding.get((value.unit, value.index))
        if found is not None:
            return found
        if not self.final:
            return value
        defaults = self.machine.defaults.get(value.unit, ())
        default = defaults[value.index] if value.index < len(defaults) else None
        if default is not None and default is not self.machine.pool.none and not default.open:
            return default
        return self.machine.pool.from_origins(kind_of(self.machine, value), ())

    def _text(self, value: Text) -> Value:
        pool = self.machine.pool
        options: list[tuple[Value | str, ...]] = []
        count = 1
        for part in value.parts:
            filled = part if isinstance(part, str) else self.fill(part)
            options.append(filled.values if isinstance(filled, Alt) else (filled,))
            count *= len(options[-1])
        if count > MOST_ALTERNATIVES:
            options = [(one if len(one) == 1 else (pool.derived("", *_values_in(one)),)) for one in options]
        made = []
        for chosen in itertools.product(*options):
            joined = texts.concat(pool, chosen, value.kind)
            made.append(pool.text(joined.parts, (*value.places, *joined.places), value.kind))
        return pool.alt(*made)

    def _settled(self, value: Deferred) -> Value:
        """What waited, done again. Where nobody comes after, a choice that hangs on settings alone is either value."""
        done = self._deferred(value)
        if self.final and isinstance(done, Deferred) and done.op == "choice":
            condition, *values = done.operands
            if not any(one.open for one in (self._undecided(condition), *values)):
                return self.machine.pool.alt(*values)
        return done

    def _undecided(self, condition: Value) -> Value:
        """A condition that waits. Where nobody comes after, what hangs on settings alone stays undecided for what is
        done under it; the condition itself is kept, as the files may decide it."""
        if not self.final or not isinstance(condition, Deferred) or condition.op not in operators.CONDITIONS:
            return condition
        parts = tuple([self._undecided(operand) for operand in condition.operands])
        return condition if any(one.open for one in parts) else operators.answer(self.machine, "", *parts)

    def _deferred(self, value: Deferred) -> Value:
        machine, pool, op = self.machine, self.machine.pool, value.op
        if op == "call":
            return self._call(value)
        if op in ("field", "global"):
            return self._stored(value)
        operands = self._filled(value.operands)
        if op == "element":
            assert isinstance(operands[1], Scalar) and isinstance(operands[1].value, int)
            return unpacked(machine, operands[0], operands[1].value, False, value.place, value.unit)
        if op == "item":
            return item(machine, operands[0], operands[1])
        if op == DESCENT:
            return descended(machine, value, *operands)
        if op == "choice":
            return operators.choice(machine, *operands)
        if op == "when":
            return self._when(value, operands)
        if op in (FITTED, CHANGED):
            return self._fitted(value, operands)
        if op == "not" or op.isdigit():
            return operators.unary(machine, op, operands[0], value.unit)
        if op == "compare":
            left, right, *decided = operands
            return operators.compare(machine, value.names[0], left, right, value.place, self.frame, tuple(decided))
        if op == "intrinsic":
            from mldebt.link.intrinsics import again

            return again(machine, self.frame, value, operands)
        return operators.binary(machine, op, operands[0], operands[1], value.unit) if op else pool.unknown

    def _when(self, value: Deferred, operands: tuple[Value, ...]) -> Value:
        returned, *conditions = operands
        for condition, wanted in zip(conditions, value.names, strict=True):
            known = truth(condition)
            if known is not None and known is not (wanted == "true"):
                return self.machine.pool.unknown
        if any(condition.open for condition in conditions) and not self.final:
            return self.machine.pool.deferred("when", operands, value.place, value.unit, value.names)
        return returned

    def _fitted(self, value: Deferred, operands: tuple[Value, ...]) -> Value:
        done, before, *given = operands
        if isinstance(done, Deferred):
            return self.machine.pool.deferred(value.op, operands, value.place, value.unit, value.names)
        if value.op == FITTED:
            return fitted(self.machine, done, before)
        return changed(self.machine, value.names[0], done, before, tuple(zip(value.names[1:], given, strict=True)))

    def _call(self, value: Deferred) -> Value:
        guards = [(self._undecided(self.fill(given)), wanted) for given, wanted in value.guards]
        if any(truth(condition) is (not wanted) for condition, wanted in guards):
            self.machine.left_out(lambda aside: replace(self, frame=aside)._called(value), value.unit)
            return self.machine.pool.unknown
        before = len(self.frame.guards)
        self.frame.guards += [one for one in guards if one[0].open and one not in self.frame.guards]
        done = self._called(value)
        del self.frame.guards[before:]
        return done

    def _called(self, value: Deferred) -> Value:
        callee = self.fill(value.operands[0])
        arguments = self._named(zip(value.names, value.operands[1:], strict=True))
        if (callee, *[given for _, given in arguments]) == value.operands and callee.open and not self.final:
            return value  # of a function around the one that is called, as for events
        chain = () if self.site is None else (self.site, *self.around)
        site = Site(value.place, value.unit, chain, self.final, hops=value.hops + (self.site is not None))
        return self._said(call(self.machine, self.frame, callee, arguments, site))

    def _said(self, found: Value) -> Value:
        """Without what a field holds that is called with what nobody here says: nobody comes after to say it."""
        return self.fill(found) if self.final and found.open else found

    def _stored(self, value: Deferred) -> Value:
        if value.op == "field":
            base, name, unit = self.fill(value.operands[0]), value.names[0], self.frame.unit
            if isinstance(base, Instance):
                return self._said(field_value(self.machine, base, name, final=self.final, within=unit))
            return attribute(self.machine, base, name, unit)
        known = self.fill(value.operands[0])
        return global_value(self.machine, value.unit, value.names[0], known) if self.final else value


def _values_in(parts: tuple[Value | str, ...]) -> list[Value]:
    return [part for part in parts if not isinstance(part, str)]


_FILLS: Mapping[type[Value], Callable[[Filler, Any], Value]] = {
    Param: Filler._parameter,
    Deferred: Filler._settled,
    Result: Filler._result,
    Derived: Filler._derived,
    Text: Filler._text,
    Member: Filler._member,
    Item: Filler._item,
    Alt: Filler._alt,
    Sequence: Filler._sequence,
    Record: Filler._record,
    Instance: Filler._instance,
    Bound: Filler._bound,
    Other: Filler._other,
    Handle: Filler._handle,
    Setting: Filler._setting,
    Unknown: Filler._unknown,
}
