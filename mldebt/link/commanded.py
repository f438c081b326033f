"""Which files run which, and in which order: what definitions say, and the commands that code runs."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from mldebt.declarations import Command
from mldebt.facts import Attribute, Call, Enter, Load, Param, Step
from mldebt.graph import Edge, EdgeKind, GraphBuilder
from mldebt.link.declaring import Declared
from mldebt.link.machine import Machine
from mldebt.link.places import HOLE
from mldebt.link.portrait import shown
from mldebt.link.running import Pipelines, Run
from mldebt.link.slots import argument, slot_values
from mldebt.link.tasks import orders
from mldebt.link.texts import HERE
from mldebt.link.values import Alt, Event, Place, Sequence, Value, is_none
from mldebt.roles import Confidence, Role

_PROGRAM, _MOVES = "python", "moves"


def add_runs(
    machine: Machine, declared: Declared, builder: GraphBuilder, ids: Mapping[Event, str], module: Callable[[int], str]
) -> None:
    """Adds what the commands of code run, and the order of files that definitions and code say."""
    started = commanded(machine, declared.pipelines)
    for event, run in started:
        if event in ids:
            at = machine.program.span(run.at)
            builder.add_edge(Edge(ids[event], module(run.file), EdgeKind.CALLS, at, Confidence.LIKELY))
    for first, then in (*orders(declared.pipelines, declared.all), *in_order(started)):
        at = machine.program.span(then.at)
        builder.add_edge(Edge(module(first.file), module(then.file), EdgeKind.ORDERS, at, Confidence.CERTAIN))


def commanded(machine: Machine, pipelines: Pipelines) -> tuple[tuple[Event, Run], ...]:
    """The events that run a command, with the files that it runs."""
    events = (event for event in machine.happened() if event.row is not None and event.row.role is Role.RUN)
    return tuple((event, run) for event in events for run in _runs(machine, pipelines, event))


def in_order(found: tuple[tuple[Event, Run], ...]) -> Iterator[tuple[Run, Run]]:
    """Pairs of runs that one function, or the top of one file, starts one behind the other."""
    by_unit: dict[int, dict[tuple[int, Run], None]] = defaultdict(dict)
    for event, run in found:
        place = event.chain[0] if event.chain else event.place
        by_unit[place[0]][place[1], run] = None
    for runs in by_unit.values():
        ordered = [run for _, run in sorted(runs, key=lambda one: (one[0], one[1].file, one[1].at))]
        yield from ((one, other) for one, other in itertools.pairwise(ordered) if one.file != other.file)


def _runs(machine: Machine, pipelines: Pipelines, event: Event) -> Iterator[Run]:
    row = event.row
    said = slot_values(event, row.target) if row is not None and row.target else ()
    if not said:
        return
    place = event.chain[0] if event.chain else event.place
    first, *given = said  # a program, and what it is given
    for one in first.values if isinstance(first, Alt) else (first,):
        text = " ".join(command_line(machine, value) for value in (one, *given))
        yield from pipelines.commanded(place[0], Command(text, place[1], place[2]), _folder(machine, event))


def _folder(machine: Machine, event: Event) -> str:
    """The folder that a command is told to run in; a hole where code goes to another one before, or runs it in a block
    that the client itself opens: from where that starts, nobody knows."""
    row, (file, start, _), body = event.row, event.place, machine.program.body(event.unit)
    calls = (step for step in body if isinstance(step, Call) and step.start < start)
    meant = (row for one in calls for row in machine.noted.meant.get((file, one.start, one.end), ()))
    if any(_MOVES in row.traits for row in meant) or _is_within_its_own(body, event.place):
        return HOLE
    told = argument(event.arguments, row.folder, event.receiver) if row is not None and row.folder else None
    return "" if told is None or is_none(told) else _from_the_top(shown(machine, told))


def _is_within_its_own(body: tuple[Step, ...], place: Place) -> bool:
    """Whether a call stands in a block opened by a method of the very thing it is a method of: `with c.cd("jobs")`."""
    at = next((at for at, step in enumerate(body) if isinstance(step, Call) and (step.start, step.end) == place[1:]), 0)
    around = (one for one in body[:at] if isinstance(one, Enter) and at < one.end_step)
    client = _client(body, body[at])
    return bool(client) and any(_client(body, body[one.manager]) == client for one in around)


def _client(body: tuple[Step, ...], call: Step) -> str:
    """The name of the thing whose method is called."""
    method = body[call.callee] if isinstance(call, Call) else None
    owner = body[method.base] if isinstance(method, Attribute) else None
    return owner.name if isinstance(owner, (Load, Param)) else ""


def command_line(machine: Machine, value: Value) -> str:
    """A command as one line of shell; a program that is not known, before a script, is taken for the one that runs this
    code."""
    if not isinstance(value, Sequence):
        return " ".join(_from_the_top(shown(machine, value)).split())
    words = [_from_the_top(shown(machine, item)) for item in value.items]
    if len(words) > 1 and "{" in words[0]:
        words[0] = _PROGRAM
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _from_the_top(text: str) -> str:
    """A word with its paths of the repository as they are tried: from the top."""
    return text.replace(f"{HERE}/", "").replace(HERE, "")
