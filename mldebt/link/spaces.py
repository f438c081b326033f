"""Names of data sets under the namespaces of the pipelines that their tasks are put into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.link.machine import Machine
from mldebt.link.slots import argument, slot_values
from mldebt.link.values import Alt, Derived, Event, Place, Record, Result, Sequence, Unknown, Value, literal

MOST_NAMES = 8
DEEPEST = 8
_SETTINGS = ":"


class Namespaces:
    """The calls that put tasks under a namespace, or give their data sets other names."""

    def __init__(self, machine: Machine) -> None:
        self._around: dict[Event, list[Event]] = defaultdict(list)
        self._tasks: dict[tuple[int, tuple[Place, ...]], list[Event]] = defaultdict(list)
        for event in machine.happened():
            tasking = event.row.task if event.row is not None else None
            if event.row is not None and tasking is not None and tasking.space is not None:
                for value in slot_values(event, event.row.data):
                    for inner in _made_of(value):
                        self._around[inner].append(event)
            elif tasking is not None and tasking.hands:
                self._tasks[event.place[0], event.chain].append(event)

    def names(self, event: Event, name: str) -> tuple[str, ...]:
        """What a data set that a task, or an access of one, names is called in the whole pipeline."""
        task = self._task(event) if self._around else None
        return tuple(dict.fromkeys(self._named(task, name, 0)))[:MOST_NAMES] if task is not None else (name,)

    def _task(self, event: Event) -> Event | None:
        """The innermost task in whose definition an event stands."""
        file, start, end = event.place
        tasks = self._tasks.get((file, event.chain), ())
        around = [task for task in tasks if task.place[1] <= start and end <= task.place[2]]
        return max(around, key=lambda task: task.place[1], default=None)

    def _named(self, event: Event, name: str, depth: int) -> Iterator[str]:
        outer = self._around.get(event, ())
        if not outer or depth > DEEPEST:
            yield name
        for one in outer:
            yield from self._named(one, _renamed(one, name), depth + 1)


def _renamed(around: Event, name: str) -> str:
    """A name as one call makes it: that which the call says, else its own behind the namespace."""
    tasking = around.row.task if around.row is not None else None
    assert tasking is not None and tasking.space is not None
    for slot in tasking.keeps:
        kept = _kept(argument(around.arguments, slot))
        if name in kept:
            return kept[name]
    space = argument(around.arguments, tasking.space)
    told = literal(space) if space is not None else None
    return name if told is None or _SETTINGS in name else f"{told}.{name}"


def _kept(value: Value | None) -> dict[str, str]:
    """The names that stay as they are, and those that become others."""
    if isinstance(value, Record):
        pairs = zip(value.keys, value.items, strict=True)
        return {said: literal(item) or said for key, item in pairs if (said := literal(key)) is not None}
    items = value.items if isinstance(value, Sequence) else (value,) if value is not None else ()
    return {said: said for item in items if (said := literal(item)) is not None}


def _made_of(value: Value, depth: int = 0) -> Iterator[Event]:
    """The calls that made what a value holds."""
    if isinstance(value, Result):
        yield value.event
        return
    parts: tuple[Value, ...] = ()
    if isinstance(value, Sequence):
        parts = value.items
    elif isinstance(value, Alt):
        parts = value.values
    elif isinstance(value, (Derived, Unknown)):
        parts = value.origins
    for part in parts if depth <= DEEPEST else ():
        yield from _made_of(part, depth + 1)
