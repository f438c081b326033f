"""Choices by score: the best of several, and what is better than the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.link.access import ITERATE, element
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.pool import any_argument_open
from mldebt.link.unsettled import is_own_field
from mldebt.link.values import Alt, Code, Deferred, Event, Member, Place, Result, Scalar, Text, Value
from mldebt.roles import Role

if TYPE_CHECKING:
    from mldebt.link.calling import Site

SCORE = "score"
_SO_FAR = "so far"
CHOOSE = "choose"
_BEST = "best"
_JUDGED = frozenset({Role.EVALUATE, Role.PREDICT})


def best_of(
    machine: Machine, frame: Frame, site: Site, values: tuple[Value, ...], key: Value | None
) -> tuple[Value, ...]:
    """`max(scores)`, `argmax(scores)`: one of several is picked by scores of models, which a function may give. Gives
    the choice as what the picked one comes of. A number among the values is a limit, and nothing is picked. Where the
    key takes one score out of many, as of records, it picks by that alone."""
    keyed = () if key is None else _given_by(machine, frame, key, values)
    values = keyed if any(_scores(machine, value) for value in keyed) else (*values, *keyed)
    scores = tuple([value for value in values if value.open or _scores(machine, value)])
    if not scores or any(isinstance(value, Scalar) for value in values):
        return ()
    event = _emit(machine, frame, site.place, site.chain, tuple([(SCORE, score) for score in scores]))
    known = any(_scores(machine, score) for score in scores)
    return (machine.pool.result(event, "number"),) if known else ()


def picked_path(machine: Machine, arguments: Arguments) -> Value | None:
    """`max(folder.glob("model_*"))`: one of the files that fit; None where no paths are picked from."""
    several = [value for name, value in arguments if not name]
    one = element(machine, several[0], ITERATE) if len(several) == 1 else None
    return one if isinstance(one, Text) else None


def better(machine: Machine, frame: Frame, place: Place, left: Value, right: Value) -> None:
    """`score > best`: both sides hold what is made at one place, and one of them something else before: the best so
    far. What an object keeps as its best is known once the object is."""
    kept = any(isinstance(side, Member) and is_own_field(machine, side) for side in (left, right))
    if kept and place[0] >= 0:
        _emit(machine, frame, place, (), ((SCORE, left), (_SO_FAR, right)))
    so_far = isinstance(left, Alt) or isinstance(right, Alt)
    if so_far and place[0] >= 0 and not _made_at(machine, left).isdisjoint(_made_at(machine, right)):
        _emit(machine, frame, place, (), ((SCORE, left), (_SO_FAR, right)))


def told_score(machine: Machine, frame: Frame, place: Place, base: Value, name: str) -> None:
    """Notes that code asks a search for the score by which it picked."""
    if kind := kind_of(machine, base):
        for row in machine.catalogue.of_method(kind, name)[:1]:
            event = Event(
                open=base.open, what="call", row=row, callee=f"{kind}.{name}", place=place, unit=frame.unit,
                receiver=base, arguments=(), chain=(), guards=tuple(frame.guards), sure=True,
            )  # fmt: skip
            machine.emit(frame, machine.pool.event(event))


def picks_best(kind: str) -> bool:
    """Whether a value of this kind makes a training keep what does best."""
    return kind.rpartition(".")[2] == _BEST


def is_choice(machine: Machine, event: Event, sources: tuple[Event, ...]) -> bool:
    """Whether what is chosen by is a score of a model: of what compares with the best so far, also numbers that code
    makes of predictions by itself. What a function gave for two models is told apart once they are known."""
    roles = {source.row.role for source in sources if source.row is not None}
    given = dict(event.arguments)
    if _SO_FAR not in given:
        return Role.EVALUATE in roles
    made, so_far = _made_at(machine, given[SCORE]), _made_at(machine, given[_SO_FAR])
    same = any(at == other and _is_within(chain, around) for at, chain in made for other, around in so_far)
    return same and not roles.isdisjoint(_JUDGED)


def _is_within(chain: tuple[Place, ...], other: tuple[Place, ...]) -> bool:
    """Whether two chains of calls are one, as far as both are known: what an object keeps tells only its methods."""
    return all(one == two for one, two in zip(chain, other, strict=False))


def _given_by(machine: Machine, frame: Frame, key: Value, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """What a function of the key gives for any element. What it takes from around it stays as it is there."""
    from mldebt.link.filling import Filler  # filling applies rows

    if not isinstance(key, Code) or machine.info(key.unit).kind == "class":
        return ()
    elements = machine.pool.alt(*[element(machine, value, ITERATE) for value in values])
    any_element: dict[tuple[int, int], Value] = {(key.unit, 0): elements}
    return (Filler(machine, frame, any_element, None).fill(machine.interpret(key.unit).returns),)


def _scores(machine: Machine, value: Value) -> bool:
    origins = machine.pool.origins(value)
    return any(isinstance(one, Result) and _role(one) is Role.EVALUATE for one in origins)


def _made_at(machine: Machine, value: Value) -> frozenset[tuple[Place, tuple[Place, ...]]]:
    """Where the scores that a value holds are made, each through its calls: a function that scores two models gives no
    best so far; while it is open, also what is not known yet."""
    found = [one for one in machine.pool.origins(value) if isinstance(one, (Result, Deferred))]
    return frozenset(
        [(one.event.place, one.event.chain) for one in found if isinstance(one, Result) and _role(one) in _JUDGED]
        + [(one.place, ()) for one in found if isinstance(one, Deferred) and one.op == "call"]
    )


def _role(value: Result) -> Role | None:
    return None if value.event.row is None else value.event.row.role


def _emit(
    machine: Machine, frame: Frame, place: Place, chain: tuple[Place, ...], scores: tuple[tuple[str, Value], ...]
) -> Event:
    event = machine.pool.event(
        Event(
            open=any_argument_open(scores),
            what=CHOOSE,
            row=None,
            callee="",
            place=place,
            unit=frame.unit,
            receiver=None,
            arguments=scores,
            chain=chain,
            guards=tuple(frame.guards),
            sure=True,
        )
    )
    machine.emit(frame, event)
    return event
