"""What stands in the place of steps that fail, in all production code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mldebt.graph.code import Definition
from mldebt.graph.fallback import Caller, Fallback
from mldebt.link.absent_parts import parts_absent
from mldebt.link.aligned import columns_filled, columns_put
from mldebt.link.answers_with_default import answers_read, parts_lacking
from mldebt.link.coerced import gaps_filled
from mldebt.link.comparing import Comparing, comparing
from mldebt.link.cut_lists import lists_cut
from mldebt.link.definitions import Definitions
from mldebt.link.falling_back import Body, handlers_without
from mldebt.link.going_without import branches_without, imports_without, scores_without
from mldebt.link.left_out import done_inside, parts_left_out
from mldebt.link.machine import Machine
from mldebt.link.program import BODIES_KEPT
from mldebt.link.skipping import training_skipped
from mldebt.link.unmeasured import unmeasured
from mldebt.link.unread_bars import bars_unread
from mldebt.link.verdicts import verdicts_without
from mldebt.link.without_packages import making, packages_lacking
from mldebt.source import Purpose

_KINDS = frozenset({"function", "module"})


def fallbacks(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> tuple[Fallback, ...]:
    """What production code puts in the place of a step that fails, or of what it needs and has not."""
    ours = [one for one in definitions if one.purpose is Purpose.PRODUCTION]
    files = {machine.program.number[one.path] for one in ours if one.kind == "module"}
    named = {(one.path, one.name): one for one in ours if one.kind == "function"}
    called = {one.id: one.name for one in ours if any(_file(user) not in ("", one.path) for user in one.used_by)}
    body_of = lru_cache(maxsize=BODIES_KEPT)(lambda unit: Body(machine, unit, machine.program.body(unit)))
    lacking, inside, compared = parts_lacking(machine), done_inside(machine), comparing(machine, body_of)
    makes = making(machine)
    found: list[Fallback] = []
    for unit, file in enumerate(machine.program.file_of):
        if file in files and machine.program.units[unit].kind in _KINDS:
            body, id = body_of(unit), known.id(unit)
            found += handlers_without(body, id)
            found += branches_without(body, id)
            found += imports_without(body, id, named)
            found += scores_without(body, id)
            found += packages_lacking(body, id, makes)
            found += lists_cut(body, id)
            found += gaps_filled(body, id)
            found += columns_filled(body, id)
            found += columns_put(body, id)
            found += parts_absent(body, id, _callers(machine, known, compared, unit))
            found += verdicts_without(body, id)
            found += parts_left_out(body, id, inside)
            found += unmeasured(body, id, compared)
            found += bars_unread(body, id, compared)
            found += training_skipped(body, id, called[id]) if id in called else ()
            found += answers_read(body, id, lacking) if lacking else ()
    return tuple(found)


def _callers(machine: Machine, known: Definitions, compared: Comparing, unit: int) -> tuple[Caller, ...]:
    """The calls of a function, with the functions that they stand in."""
    calls = compared.asked.get(unit, ())
    return tuple(Caller(known.id(caller), machine.program.span(place)) for caller, place in calls)


def _file(id: str) -> str:
    """The file of a definition; empty for what is none."""
    return id.partition(":")[2].partition(":")[0]
