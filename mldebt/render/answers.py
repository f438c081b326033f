"""Answers to questions about the graph, as text for people: one page, and all of it where that is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from mldebt.graph.answers import Answer, Reached
from mldebt.graph.inputs import Input, Inputs
from mldebt.graph.things import Thing
from mldebt.render.count import counted
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import finish, visible
from mldebt.render.terminal import NARROWEST, table, wrapped
from mldebt.roles import Confidence
from mldebt.source import Span
from mldebt.trail import Stop

MOST_WAYS, MOST_STEPS, MOST_ROWS, MOST_NAMES = 6, 4, 30, 3
EVERYTHING = 1_000
LONGEST = 60  # of a name; of a longer one the middle is left out
_WORDS = MappingProxyType({"data": ("source of data", "sources of data"), "stored": ("file between", "files between")})
_IN_A_LINE = ("stored", "column", "setting")


def ways(answers: Sequence[Answer], downstream: bool, options: Options) -> str:
    """What is reached (`downstream`) or goes into each thing, with the ways to it."""
    lines: list[str] = []
    for answer in answers:
        lines += [*_asked(answer.thing, options), *_counts(answer, downstream, options), *_ways(answer, options), ""]
    return finish("\n".join(lines), options.ascii, options.in_actions)


def uses(answers: Sequence[Answer], options: Options) -> str:
    """Who uses each thing directly, by part of the repository."""
    lines: list[str] = []
    for answer in answers:
        lines += [*_asked(answer.thing, options), *_uses(answer, options), ""]
    return finish("\n".join(lines), options.ascii, options.in_actions)


def features(models: Sequence[tuple[Thing, Inputs]], options: Options) -> str:
    """The columns that go into each model."""
    lines: list[str] = []
    for thing, inputs in models:
        lines += [*_asked(thing, options), *_inputs(inputs, options), ""]
    return finish("\n".join(lines), options.ascii, options.in_actions)


def _asked(thing: Thing, options: Options) -> list[str]:
    """What the name means, and where it stands."""
    name = visible(thing.name)
    shown = f"\x1b[1m{name}\x1b[0m" if options.colour else name
    more = f" and {counted(len(thing.at) - 1, 'more place')}" if len(thing.at) > 1 else ""
    return [f" {shown}   {thing.kind}" + (f"   {short(thing.at[0])}{more}" if _has_line(thing) else ""), ""]


def _has_line(thing: Thing) -> bool:
    return bool(thing.at) and thing.kind not in ("file", "folder", "change")


def _counts(answer: Answer, downstream: bool, options: Options) -> list[str]:
    numbers = Counter(kind for kind, _ in dict.fromkeys((one.kind, one.name) for one in answer.found))
    if not numbers:
        return [" Nothing is known to be downstream of it." if downstream else " Nothing is known to go into it."]
    words = ", ".join(_counted(kind, number) for kind, number in numbers.items())
    return [*wrapped(f"{'Reaches' if downstream else 'Comes from'} {words}.", " ", _width(options)), ""]


def _counted(kind: str, number: int) -> str:
    return counted(number, *_WORDS.get(kind, (kind,)))


def _ways(answer: Answer, options: Options) -> Iterator[str]:
    told = [one for one in answer.found if options.everything or one.kind not in _IN_A_LINE]
    shown = told if options.everything else told[:MOST_WAYS]
    for number, one in enumerate(shown, 1):
        yield from _way(number, one, options)
    rest = [one for one in answer.found if one not in shown]
    for kind in dict.fromkeys(one.kind for one in rest):
        names = list(dict.fromkeys(_cut(one.name) for one in rest if one.kind == kind))
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        also = "also " if any(one.kind == kind for one in shown) else ""
        yield from wrapped(f"{also}{_counted(kind, len(names))}: {', '.join(names[:MOST_NAMES])}{more}", " ",
                           _width(options))  # fmt: skip
    if rest:
        yield " --all shows each of them with its way."


def _way(number: int, one: Reached, options: Options) -> list[str]:
    """One thing that is reached: how, where, how sure, and the places of the way that no earlier one has shown."""
    sure = "" if one.confidence is Confidence.CERTAIN else f"   {one.confidence.value}"
    left = f" {number} {one.kind} {_cut(one.name)}   {_cut(one.note)}{sure}"
    place = short(one.at)
    gap = _width(options) - len(left) - len(place)
    lines = [f"{left}{' ' * gap}{place}"] if gap >= 2 else [left, f"   {place}"]
    if one.past:
        lines.append(f"   past {visible(one.past)}, then")
    most = EVERYTHING if options.everything else MOST_STEPS
    stops = [Stop(stop.at, stop.label if options.everything else _cut(stop.label)) for stop in one.trail[one.shared :]]
    return [*lines, *table(stops, _width(options), most), ""]


def _cut(text: str) -> str:
    """A text that fits into a line with others."""
    shown = visible(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST // 2 - 2]}...{shown[-LONGEST // 2 + 2 :]}"


def _uses(answer: Answer, options: Options) -> Iterator[str]:
    found = answer.found
    if not found:
        yield " Nothing here is known to use it."
        return
    parts = len({one.name for one in found})
    yield f" Used directly in {counted(len({one.at for one in found}), 'place')} of {counted(parts, 'part')}."
    yield ""
    shown = found if options.everything else found[:MOST_ROWS]
    name, how, place = (max(map(len, column)) for column in zip(*map(_row, shown), strict=True))
    last = ""
    for one in shown:
        row = _row(one)
        note = f"   {visible(one.note)}" if one.note else ""
        unsure = f"   {one.confidence.value}" if one.confidence is Confidence.HINT else ""
        yield f"   {'' if row[0] == last else row[0]:<{name}}   {row[1]:<{how}}   {row[2]:<{place}}{note}{unsure}"
        last = row[0]
    yield from _left(len(found) - len(shown))


def _row(one: Reached) -> tuple[str, str, str]:
    return visible(one.name), one.kind, short(one.at)


def _inputs(inputs: Inputs, options: Options) -> Iterator[str]:
    columns, label = inputs.columns, ", ".join(map(visible, inputs.labels)) or "not found"
    yield f" {counted(len(columns), 'column')} known by name; the label: {label}."
    for node in inputs.whole:
        yield from wrapped(f"Whatever else {visible(node.name)} holds may go in: it is taken whole.", " ",
                           _width(options))  # fmt: skip
    if inputs.unnamed:
        yield f" Columns whose names are not known go in too: {_places(inputs.unnamed)}."
    if not columns:
        return
    yield ""
    shown = columns if options.everything else columns[:MOST_ROWS]
    width = max(len(visible(one.name)) for one in shown)
    made = max(len(_made(one)) for one in shown)
    for one in shown:
        chosen = f"chosen {_places(one.chosen)}" if one.chosen else "goes in with its table"
        yield f"   {visible(one.name):<{width}}   {_made(one):<{made}}   {chosen}"
    yield from _left(len(columns) - len(shown))


def _made(one: Input) -> str:
    return f"made {_places(one.made)}" if one.made else "comes with the data"


def _places(at: Sequence[Span]) -> str:
    more = f" and {len(at) - 1} more" if len(at) > 1 else ""
    return short(at[0]) + more


def _left(number: int) -> Iterator[str]:
    if number > 0:
        yield f"   and {number} more: --all lists them."


def _width(options: Options) -> int:
    return max(options.width, NARROWEST)
