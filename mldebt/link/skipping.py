"""Training that is left out where its data are not there, by functions whose callers cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.cut_lists import is_kept
from mldebt.link.falling_back import Body, says, tells
from mldebt.link.going_without import absent_arms, opens
from mldebt.roles import Role

_LEARNS = (Role.FIT, Role.SEARCH)


def training_skipped(body: Body, id: str, name: str) -> Iterator[Fallback]:
    """Branches of the function `name`, which other files call, that end it where the file is not there from which a
    model that it stores would learn; not where it gives anything back, by which one could tell."""
    given = [step.value for _, step in body.each(facts.Return)]
    if any(not _is_nothing(body, one) for one in given):
        return
    for branch, arm, what in absent_arms(body):
        end = next((body.steps[at] for at in arm if isinstance(body.steps[at], facts.Return)), None)
        if end is None or any(tells(body, at) for at in arm):
            continue
        opened = frozenset(at for at in range(arm.stop, len(body.steps)) if opens(body, at, what))
        fit = next((at for at in range(arm.stop, len(body.steps)) if opened and _learns(body, at, opened)), None)
        if fit is not None and is_kept(body, fit):
            program, file = body.machine.program, body.machine.program.file_of[body.unit]
            spans = [program.span((file, one.start, one.end)) for one in (branch, body.steps[fit], end)]
            said = any(says(body, at) for at in arm)
            yield Fallback(spans[0], id, Role.FIT, spans[1], spans[2], "nothing", said, "skipped", name)


def _is_nothing(body: Body, at: int) -> bool:
    step = body.steps[at] if at >= 0 else None
    return step is None or (isinstance(step, facts.Const) and step.value is None)


def _learns(body: Body, at: int, data: frozenset[int]) -> bool:
    return any(row.role in _LEARNS for row in body.rows(at)) and body.depends(at, data)
