"""Operations on texts and paths whose parts may be unknown.

A path that is anchored begins with one of these marks, so that parents and joins work on it as
on any text: `HERE` the repository root (from `__file__`), `HOME`, `TEMPORARY`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Items

from mldebt.link.pool import Pool
from mldebt.link.values import Place, Record, Result, Scalar, Text, Value, literal
from mldebt.roles import Role

HERE = "\x00"
HOME = "~"
TEMPORARY = "\x01"
_PERCENT = re.compile(r"%(?:\((?P<name>\w+)\))?[-#0 +]*[\d*]*(?:\.\d+)?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])")
_PADDED = re.compile(r"%0?\d{1,2}[di]")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)(?:![rsa])?(?::[^{}]*)?\}")


def as_text(pool: Pool, value: Value) -> Text:
    """A value in a text: a text itself, a scalar as written, anything else a hole."""
    if isinstance(value, Text):
        return value
    if isinstance(value, Scalar) and isinstance(value.value, (int, float, str)):
        return pool.string(str(value.value), value.place)
    return pool.text([value])


def concat(pool: Pool, values: Iterable[Value | str], kind: str = "text") -> Text:
    """Texts one behind the other."""
    parts: list[str | Value] = []
    places: list[Place] = []
    for value in values:
        text = as_text(pool, value) if isinstance(value, Scalar) else value
        parts += text.parts if isinstance(text, Text) else (text,)
        places += text.places if isinstance(text, Text) else ()
    return pool.text(parts, places, kind)


def join(pool: Pool, values: Items[Value], kind: str = "path") -> Value:
    """Path segments joined; an absolute one starts anew, as in `os.path.join`."""
    parts: list[str | Value] = []
    places: list[tuple[int, int, int]] = []
    for value in values:
        text = as_text(pool, value)
        head = text.parts[0] if text.parts else ""
        if isinstance(head, str) and (head.startswith(("/", HERE, HOME, TEMPORARY)) or "://" in head):
            parts, places = [], []
        if parts and not (isinstance(parts[-1], str) and parts[-1].endswith(("/", HERE))) and text.parts:
            parts.append("/")
        parts += text.parts
        places += text.places
    return pool.text(parts, places, kind)


def ends_known(path: Value) -> bool:
    """Whether nothing that a caller decides stands behind the last slash: else the last segment waits."""
    for part in reversed(path.parts if isinstance(path, Text) else (path,)):
        if isinstance(part, str):
            if "/" in part:
                return True
        elif part.open:
            return False
    return True


def parent(pool: Pool, value: Value) -> Value:
    """The path without its last segment."""
    text = as_text(pool, value)
    parts = list(text.parts)
    while parts:
        last = parts[-1]
        if isinstance(last, str):
            stripped = last.rstrip("/") if len(parts) == 1 or last.rstrip("/") else last
            if "/" in stripped:
                head = stripped.rpartition("/")[0]
                return pool.text([*parts[:-1], head or "/"], text.places, "path")
            if stripped.startswith((HERE, TEMPORARY)):
                return pool.text([*parts[:-1], stripped[0]], text.places, "path")
        parts.pop()
    return pool.text(["."] if all(isinstance(p, str) for p in text.parts) else [pool.unknown], text.places, "path")


def name(pool: Pool, value: Value) -> Value:
    """The last segment; of a temporary folder the folder itself, as its `name` is its path."""
    text = as_text(pool, value)
    if text.parts == (TEMPORARY,):
        return text
    kept: list[str | Value] = []
    for part in reversed(text.parts):
        if isinstance(part, str):
            tail = part.rpartition("/")[2]
            kept.insert(0, tail.lstrip(HERE + TEMPORARY))
            if "/" in part:
                break
        else:
            kept.insert(0, part)
    return pool.text(kept, text.places)


def stem(pool: Pool, value: Value) -> Value:
    """The last segment without its suffix."""
    text = name(pool, value)
    assert isinstance(text, Text)
    last = text.parts[-1] if text.parts else ""
    if isinstance(last, str) and "." in last:
        return pool.text([*text.parts[:-1], last.rpartition(".")[0]], text.places)
    return text


def with_name(pool: Pool, value: Value, new: Value) -> Value:
    """The path with another last segment."""
    return join(pool, [parent(pool, value), new])


def with_suffix(pool: Pool, value: Value, suffix: Value) -> Value:
    """The path with another suffix."""
    text = as_text(pool, value)
    last = text.parts[-1] if text.parts else ""
    if isinstance(last, str) and "." in last.rpartition("/")[2]:
        text = pool.text([*text.parts[:-1], last.rpartition(".")[0]], text.places, "path")
    return concat(pool, [text, suffix], "path")


def percent(pool: Pool, template: Text, value: Value, values: Items[Value]) -> Text:
    """`template % value`; `values` are the parts of a tuple, or the value alone."""
    remaining = list(values)
    pairs = zip(value.keys, value.items, strict=True) if isinstance(value, Record) else ()
    named = {literal(key): item for key, item in pairs}

    def hole(match: re.Match[str]) -> Value | str:
        if match["type"] == "%":
            return "%"
        if match["name"]:
            return named.get(match["name"], pool.unknown)
        given = remaining.pop(0) if remaining else pool.unknown
        padded = isinstance(given, Scalar) and isinstance(given.value, int) and _PADDED.fullmatch(match[0])
        return match[0] % given.value if padded and isinstance(given, Scalar) else given

    return _substituted(pool, template, _PERCENT, hole)


def braces(pool: Pool, template: Text, positional: Items[Value], named: dict[str, Value]) -> Text:
    """`template.format(*positional, **named)`."""
    count = iter(range(len(positional)))

    def hole(match: re.Match[str]) -> Value | str:
        field = match["field"]
        if field is None:
            return match[0][0]
        if field in named:
            return named[field]
        index = int(field) if field.isdigit() else next(count, -1) if field == "" else -1
        return positional[index] if 0 <= index < len(positional) else pool.unknown

    return _substituted(pool, template, _BRACES, hole)


def _substituted(
    pool: Pool, template: Text, pattern: re.Pattern[str], hole: Callable[[re.Match[str]], Value | str]
) -> Text:
    pieces: list[Text] = []
    for part in template.parts:
        if not isinstance(part, str):
            pieces.append(pool.text([part]))
            continue
        at = 0
        for match in pattern.finditer(part):
            filled = hole(match)
            pieces.append(pool.text([part[at : match.start()]]))
            pieces.append(pool.text([filled]) if isinstance(filled, str) else as_text(pool, filled))
            at = match.end()
        pieces.append(pool.text([part[at:]]))
    places = [*template.places, *(place for piece in pieces for place in piece.places)]
    return pool.text([p for piece in pieces for p in piece.parts], places, template.kind)


def changed(pool: Pool, value: Value, method: str, arguments: Items[Value]) -> Value:
    """A string method with constant arguments, on a text without holes: another text, or its parts; otherwise unknown
    text."""
    text, constants = literal(value), [literal(argument) for argument in arguments]
    places = value.places if isinstance(value, Text) else ()
    if method == "replace" and len(arguments) == 2 and (parts := _of_content(value)):
        return pool.text([*parts, pool.record((arguments[0],), (arguments[1],), True)], places)
    if text is None or any(constant is None for constant in constants) or method not in (*_PLAIN, *_PARTING):
        return pool.text([pool.derived("text", value, *arguments)], places)
    try:
        made = getattr(text, method)(*constants)
    except (TypeError, ValueError):
        return pool.text([pool.derived("text", value, *arguments)], places)
    if method in _PARTING:
        return pool.sequence("list", tuple([pool.text([part], places) for part in made]))
    return pool.text([made], places)


def _of_content(value: Value) -> tuple[str | Value, ...]:
    """The parts of what stands in a file, with the records of what was put in for others since; else nothing.

    What a template is filled with is kept beside it: who runs the text knows what its holes are."""
    parts: tuple[str | Value, ...] = value.parts if isinstance(value, Text) else (value,)
    first = parts[0] if parts else None
    row = first.event.row if isinstance(first, Result) else None
    return parts if row is not None and row.role is Role.READ and row.result[:1] == ("text",) else ()


_PARTING = frozenset(["split", "rsplit"])
_PLAIN = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "title",
        "capitalize",
        "removeprefix",
        "removesuffix",
        "casefold",
    ]
)
