"""Made-up data in the place of a step of a model's life that fails."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.roles import Role
from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class Caller:
    """A call of a function, in the function `id`."""

    id: str
    at: Span


@dataclass(frozen=True, slots=True)
class Fallback:
    """Code, in the function `id`, that puts a made-up `value` where a step of this role, `failed`, would have
    given one. `said`: a message is printed or logged, though not as a failure. `how`: empty for a handler, `missing`
    for a branch for what is not there, `other` for another model where the package called `name` is not there and
    `unwatched` for a check that is left out then, `import` for a function in the place of that called `name`,
    `beaten` for a score that anything beats, `cut` for a list of columns of which only those that are there are kept,
    `verdict` for an answer of yes or no, `default` for the part called `name` of the answer of an own service,
    `skipped` for training that is left out, `coerced` and `mapped` for gaps that are left for what is in no right form,
    or none of the values that are known, and then filled (`coded`: with what may
    be the number of one of those), `aligned` for columns that are not there,
    `put` for such that one-hot encoding may have left out, `left` for parts of a loop that are left out,
    `unmeasured` for the part called `name` of an answer that nothing differs where there is nothing to compare
    (`uncompared`: where it fails; `marked`: another part says so to those who ask for it),
    `absent` for parts that a record lacks, with the `callers` of the function."""

    at: Span
    id: str
    role: Role
    failed: Span
    made: Span
    value: str
    said: bool
    how: str = ""
    name: str = ""
    callers: tuple[Caller, ...] = ()
