"""Running the steps of a unit in order: blocks, branches, loops, and what is returned."""

from __future__ import annotations

from mldebt import facts
from mldebt.facts import NONE, Branch, Comprehended, Enter, Handler, Loop, Phi, Raise, Return, Try, Yield
from mldebt.link.access import elements_of
from mldebt.link.checking import checked, goes_no_further, refuses, stopped
from mldebt.link.descending import DESCENT, head_of_descent
from mldebt.link.fitted import joined, taken_back
from mldebt.link.kinds import is_setting, kind_of, truth
from mldebt.link.machine import MOST_ROUNDS, Frame, Guards, Machine, Summary
from mldebt.link.operators import choice
from mldebt.link.pool import Pool
from mldebt.link.steps import HANDLERS, give
from mldebt.link.values import Deferred, Event, Item, Member, Param, Scalar, Setting, Text, Value, literal

LOOP_ROUNDS = 2
MOST_NESTED = 4
MOST_UNROLLED = 12
_PLAIN = (Text, Scalar, Param, Setting)
_HOLDS = ("in", "not in")
_NAMING = frozenset({facts.Param, facts.Load, facts.Import, facts.StarImport, facts.Attribute, facts.Define})


def run_unit(machine: Machine, frame: Frame) -> Summary:
    """Interprets a unit and gives its summary."""
    pool = machine.pool
    if frame.unit in machine.only_named:
        _name(machine, frame)
        return Summary(pool.unknown)
    run(machine, frame, 0, len(frame.steps))
    if frame.yields:
        returned: Value = pool.sequence("generator", tuple(dict.fromkeys(frame.yields)), rest=True)
    elif frame.returns:
        returned = _choose(pool, frame.returns)
    else:
        returned = pool.none
    updates = tuple(
        (index, frame.values[index])
        for index, before in enumerate(frame.parameters)
        if frame.values[index] is not before
    )
    return Summary(returned, (*frame.effects, *frame.minor), updates)


def _name(machine: Machine, frame: Frame) -> None:
    """Follows what a unit names, and nothing that it does."""
    for index, step in enumerate(frame.steps):
        if type(step) in _NAMING:
            HANDLERS[type(step)](machine, frame, index, step)


def run(machine: Machine, frame: Frame, start: int, stop: int) -> None:
    """Runs a range of steps; blocks inside are run by their heads."""
    index, steps = start, frame.steps
    while index < stop:
        step = steps[index]
        kind = type(step)
        if kind is Branch:
            index = _branch(machine, frame, index, step)  # type: ignore[arg-type]
        elif kind is Loop:
            index = _loop(machine, frame, index, step)  # type: ignore[arg-type]
        else:
            if kind is Return:
                _return(machine, frame, step)  # type: ignore[arg-type]
                _note_cut(machine, frame, index, stop, "return")
            elif kind is Raise:
                _note_cut(machine, frame, index, stop, "raise")
            elif kind is Yield:
                _yield(machine, frame, index, step)  # type: ignore[arg-type]
            else:
                HANDLERS[kind](machine, frame, index, step)
            index += 1


def _branch(machine: Machine, frame: Frame, index: int, step: Branch) -> int:
    condition = frame.values[step.condition]
    known = truth(condition)
    if refuses(frame, index, step):
        checked(machine, frame, step.condition, step.start, step.end)
    flag = known is not None or is_flag(condition)
    if flag or (frame.file, step.start, step.end) in machine.noted.flagged:
        _note_branch(machine, frame, step, condition)
    keep, mark = flag or _is_given(machine, condition), len(frame.learned)
    for start, stop, polarity in ((index + 1, step.then_end, True), (step.then_end, step.end_step, False)):
        if keep:
            frame.guards.append((condition, polarity))
        _arm(machine, frame, start, stop, frame.unrolling == 0 or known is None or known is polarity)
        if keep:
            frame.guards.pop()
        if polarity:
            fitted, mark = taken_back(frame, mark), len(frame.learned)
    leaves, ends = _returns(frame, index + 1, step.then_end), _returns(frame, step.then_end, step.end_step)
    joined(machine, frame, mark, fitted, (known is not False and not leaves, known is not True and not ends))
    if keep and leaves:
        _guard_rest(frame, condition)
    if goes_no_further(machine, frame, index, step):
        stopped(machine, frame, step.condition, step.start, step.end)
    _gate(machine, frame, step, condition)
    return step.end_step


def _arm(machine: Machine, frame: Frame, start: int, stop: int, taken: bool) -> None:
    """Runs an arm of a branch. What would happen in one that a round of a loop leaves out is put aside: it happens
    where no round takes the arm."""
    ground = machine.ground
    if taken and frame.unrolling:
        frame.arms[start] = None
    if not taken:
        machine.ground = {}
    run(machine, frame, start, stop)
    aside = frame.arms.setdefault(start, []) if not taken else None
    if aside is not None:
        aside.append(machine.ground)
    machine.ground = ground


def _gate(machine: Machine, frame: Frame, branch: Branch, condition: Value) -> None:
    """Names that differ behind a branch take the value of the arm that runs, as far as that is known.
    Under a condition that is open only plain values wait for it: data would hide what happens to it."""
    place = branch.end_step
    while place < len(frame.steps) and isinstance(phi := frame.steps[place], Phi) and phi.start == branch.start:
        frame.gates.pop(place, None)
        if len(phi.values) == 2 and NONE not in phi.values and phi.end == branch.end:
            then, otherwise = (frame.values[value] for value in phi.values)
            plain = isinstance(then, _PLAIN) and isinstance(otherwise, _PLAIN)
            plain = plain or _is_made_for_none(machine, condition, then, otherwise)
            if truth(condition) is not None or (plain and is_flag(condition)):
                frame.gates[place] = choice(machine, condition, then, otherwise)
        place += 1


def _is_made_for_none(machine: Machine, condition: Value, *arms: Value) -> bool:
    """Whether one arm makes the transformer or model that nobody gave: `if scaler is None: scaler = StandardScaler()`.
    It holds no rows that could be hidden."""
    given = [one for one in arms if isinstance(one, Param)]
    made = [one for one in arms if kind_of(machine, one).partition(".")[0] in ("transformer", "model")]
    asked = isinstance(condition, Deferred) and condition.op == "compare" and condition.operands[0] in given
    return bool(asked and made)


def _returns(frame: Frame, start: int, stop: int) -> bool:
    """Whether an arm ends in a return, so that what follows runs only without it."""
    return stop > start and isinstance(frame.steps[stop - 1], Return)


def _guard_rest(frame: Frame, condition: Value) -> None:
    """Behind `if c: return`, c does not hold; the guard lasts to the end of the unit when the
    branch stands at the unit's top level, and is left out otherwise."""
    if not frame.guards:
        frame.guards.insert(0, (condition, False))


def is_flag(condition: Value) -> bool:
    """A condition simple enough to be decided once parameters and settings are known."""
    if isinstance(condition, Param) or is_setting(condition):
        return True
    if isinstance(condition, Deferred) and condition.op in ("not", "compare", "and", "or"):
        return any(is_flag(operand) for operand in condition.operands)
    return False


def _is_given(machine: Machine, condition: Value) -> bool:
    """Whether what stands in a parameter under a name decides it, by itself or beside what is written in the code. What
    an object holds itself, and what is asked whether it holds something, changes as the program runs."""
    if isinstance(condition, Item):
        return isinstance(condition.base, Param) and literal(condition.key) is not None
    if isinstance(condition, Member):
        return isinstance(condition.base, Param) and not _is_self(machine, condition.base)
    if not isinstance(condition, Deferred) or condition.op not in ("not", "compare", "and", "or"):
        return False
    if condition.op == "compare" and (condition.names[0] in _HOLDS or not any(map(_is_written, condition.operands))):
        return False
    return any(_is_given(machine, operand) for operand in condition.operands)


def _is_self(machine: Machine, parameter: Param) -> bool:
    owner = machine.program.parent(parameter.unit)
    return parameter.index == 0 and owner >= 0 and machine.info(owner).kind == "class"


def _is_written(value: Value) -> bool:
    return isinstance(value, (Scalar, Text)) and not value.open


def _note_branch(machine: Machine, frame: Frame, step: Branch, condition: Value) -> None:
    place = (frame.file, step.start, step.end)
    machine.noted.flagged.add(place)
    event = Event(
        open=condition.open, what="branch", row=None, callee="", place=place, unit=frame.unit, receiver=None,
        arguments=(("condition", condition),), chain=(), guards=(), sure=True,
    )  # fmt: skip
    machine.emit(frame, machine.pool.event(event))


def _loop(machine: Machine, frame: Frame, index: int, step: Loop) -> int:
    iterable = frame.values[step.iterable] if step.iterable != NONE else machine.pool.unknown
    items = elements_of(machine, iterable) if step.kind != "while" else None
    if items is not None and len(items) <= MOST_UNROLLED and frame.rounds + len(items) <= MOST_ROUNDS:
        frame.rounds += len(items)
        _unroll(machine, frame, index, step, items)
    elif iterable.open and (head := head_of_descent(frame.steps, index, step)) is not None:
        _descend(machine, frame, index, step, head)
    else:
        _iterate(machine, frame, index, step)
        if items is not None:
            _sift(machine, frame, step, items)
    return step.end_step


def _descend(machine: Machine, frame: Frame, index: int, step: Loop, head: int) -> None:
    """Goes down by parts that a caller will say. What the rounds themselves ask for is not known before."""
    phi = frame.steps[head]
    assert isinstance(phi, Phi)
    operands = frame.values[phi.values[0]], frame.values[step.iterable]
    frame.values[head] = machine.pool.unknown
    _round(machine, frame, index, step, 0)
    frame.values[head] = machine.pool.deferred(DESCENT, operands, (frame.file, step.start, step.end), frame.unit)


def _sift(machine: Machine, frame: Frame, step: Loop, items: tuple[Value, ...]) -> None:
    """`[name for name in names if ...]`: a comprehension that only chooses gives what is there, however much it is."""
    last = frame.steps[step.end_step - 1]
    made = last if step.kind == "comprehension" and isinstance(last, Comprehended) and last.key == NONE else None
    taken = None if made is None else frame.steps[made.item]
    if isinstance(taken, facts.Element) and (taken.base, taken.index) == (step.iterable, NONE):
        frame.values[step.end_step - 1] = machine.pool.sequence("list", items)


def _unroll(machine: Machine, frame: Frame, index: int, step: Loop, items: tuple[Value, ...]) -> None:
    """Runs the body once for each known element."""
    collected: dict[int, list[tuple[Value, Value]]] = {}
    whole = frame.values[step.iterable]
    frame.unrolling += 1
    for number, item in enumerate(items):
        frame.values[step.iterable] = machine.pool.sequence("element", (item,))
        _round(machine, frame, index, step, number)
        _collect(frame, index, step, collected)
        _turn(machine, frame, index)
    frame.values[step.iterable] = whole
    frame.unrolling -= 1
    _happen_in_no_round(machine, frame)
    for place, pairs in collected.items():
        made = frame.steps[place]
        assert isinstance(made, Comprehended)
        keys, values = [key for key, _ in pairs], [value for _, value in pairs]
        if made.kind == "dict":
            frame.values[place] = machine.pool.record(tuple(keys), tuple(values))
        else:
            frame.values[place] = machine.pool.sequence("list", tuple(values))


def _happen_in_no_round(machine: Machine, frame: Frame) -> None:
    """What stands in arms that no round of a loop takes happens as it does in any arm outside of loops."""
    if frame.unrolling:
        return
    for aside in frame.arms.values():
        for events in aside or ():
            machine.ground.update(events)
    frame.arms.clear()


def _round(machine: Machine, frame: Frame, index: int, step: Loop, number: int) -> None:
    """Runs the body once; what it picks out of a table is not what another round picks."""
    machine.rounds.append(number)
    run(machine, frame, index + 1, step.end_step)
    machine.rounds.pop()


def _collect(frame: Frame, index: int, step: Loop, collected: dict[int, list[tuple[Value, Value]]]) -> None:
    last = step.end_step - 1
    made = frame.steps[last] if step.kind == "comprehension" and last > index else None
    if isinstance(made, Comprehended):
        key = frame.values[made.key] if made.key != NONE else frame.values[made.item]
        collected.setdefault(last, []).append((key, frame.values[made.item]))


def _turn(machine: Machine, frame: Frame, index: int) -> None:
    """At the end of a round the phi at the loop's head take the values behind the body."""
    place = index - 1
    while place >= 0 and isinstance(phi := frame.steps[place], Phi):
        behind = phi.values[-1]
        if behind > place:
            frame.values[place] = frame.values[behind]
        place -= 1


def _iterate(machine: Machine, frame: Frame, index: int, step: Loop) -> None:
    heads = []
    place = index - 1
    while place >= 0 and isinstance(frame.steps[place], Phi):
        heads.append(place)
        place -= 1
    frame.loops += 1
    # Rounds multiply with each loop inside another.
    for number in range(LOOP_ROUNDS if frame.loops <= MOST_NESTED else 1):
        _round(machine, frame, index, step, number)
        changed = False
        for head in heads:
            phi = frame.steps[head]
            assert isinstance(phi, Phi)
            known = [frame.values[value] for value in phi.values if value != NONE]
            joined = machine.pool.alt(frame.values[head], *known)
            changed = changed or (joined is not frame.values[head] and _is_bound_before(phi, head))
            frame.values[head] = joined
        if not changed:
            break
    frame.loops -= 1


def _is_bound_before(phi: Phi, head: int) -> bool:
    """Whether a name has a value when a loop begins; one that has none is bound in each round before it is used."""
    return any(value != NONE and value < head for value in phi.values)


def _return(machine: Machine, frame: Frame, step: Return) -> None:
    value = machine.pool.none if step.value == NONE else frame.values[step.value]
    give(machine, frame, value)
    frame.returns.append((tuple(frame.guards), value))


def _note_cut(machine: Machine, frame: Frame, index: int, stop: int, word: str) -> None:
    """Notes what stands behind a statement that ends the run, unless a block ends between the two."""
    if index + 1 >= stop or isinstance(frame.steps[index + 1], (Phi, Handler)):
        return
    behind, step = frame.steps[index + 1], frame.steps[index]
    for before in frame.steps[:index]:
        inner = before.body_end if isinstance(before, Try) else NONE
        outer = before.end_step if isinstance(before, (Enter, Handler, Try)) else NONE
        otherwise = isinstance(before, Loop) and before.end_step <= index and step.start < before.end
        if otherwise or index + 1 in (inner, outer):
            return  # in the `else` of a loop, which a break leaves out
    place = (frame.file, behind.start, frame.steps[stop - 1].end)
    machine.noted.cut[place] = (frame.unit, (frame.file, step.start, step.end), word)


def _yield(machine: Machine, frame: Frame, index: int, step: Yield) -> None:
    value = machine.pool.none if step.value == NONE else frame.values[step.value]
    frame.yields.append(value)
    frame.values[index] = value


def _choose(pool: Pool, returns: list[tuple[Guards, Value]]) -> Value:
    """One of several returned values; those under a flag wait for it."""
    chosen: list[Value] = []
    for guards, value in returns:
        deciding = [(condition, wanted) for condition, wanted in guards if truth(condition) is not wanted]
        if any(truth(condition) is (not wanted) for condition, wanted in guards):
            continue
        if deciding and all(condition.open for condition, _ in deciding):
            conditions = tuple(condition for condition, _ in deciding)
            wanted_names = tuple("true" if wanted else "false" for _, wanted in deciding)
            chosen.append(pool.deferred("when", (value, *conditions), (-1, 0, 0), -1, wanted_names))
        else:
            chosen.append(value)
    return pool.alt(*chosen) if chosen else pool.none
