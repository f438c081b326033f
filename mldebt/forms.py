"""Normal forms: what a piece of code computes, as one line in which names, order and wrappers no longer matter.

A form is a tree in text: `operator(part,part)`, with `@column`, `#constant` and `$anything else` as leaves. Characters
that mean something in it are escaped. Two pieces of code compute the same where their forms are equal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise
from urllib.parse import quote, unquote

import tomli

LONGEST = 1500
SOME = "$"
"""A value of which nothing is known."""
HERE = "::"
"""Between the file and the name of a function of the repository."""

_COMMUTING = frozenset({"+", "*", "and", "or", "&", "|", "==", "!=", "dict", "set", "is"})
_TURNED = {">": "<", ">=": "<="}
_INFIX = _COMMUTING - {"dict", "set"} | {"-", "/", "//", "%", "**", "<", "<=", "in", "not in"}
_KEYWORD = re.compile(r"\w+=")
_PACKING = frozenset({"list", "tuple", "set", "dict", "pair", "each", "columns", "item", "values", "text", "part",
                      "filter", "where"})  # fmt: skip
_FLAGS = (("#1", "#0"), ("#true", "#false"))
_SAFE = " -_.:/%<>=!+*{}[]'&|^~?;"
_LEAF = re.compile(r"[^(),]+")
_CUT = "$long"
_BOUNDS = ("min", "max")
_LIMITS = (("lower", "a_min", "min"), ("upper", "a_max", "max"))
_LAST = {"dayofweek": 6}
"""The last of the numbers that a field of a time may hold: what lies from one on up to it lies above that one."""
_DATE = re.compile(r"(?:19|20)\d\d[-/]?[01]\d[-/]?[0-3]\d(?:[T ][\d:.]+)?Z?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Words:
    """What names mean in computations, as `rules/forms.toml` tells."""

    wrappers: frozenset[str] = frozenset()
    casts: frozenset[str] = frozenset()
    accessors: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    windows: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    gets: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    fitted: frozenset[str] = frozenset()
    learnt: frozenset[str] = frozenset()
    same: dict[str, str] = field(default_factory=dict)


def load() -> Words:
    """The shipped words."""
    said = tomli.loads(files("mldebt.rules").joinpath("forms.toml").read_text("utf-8"))
    same = said.pop("same", {})
    return Words(**{name: frozenset(words) for name, words in said.items()}, same=same)


def column(name: str) -> str:
    """A column, or whatever else is known by a name of the data."""
    return "@" + quote(name.lower(), safe=_SAFE)


def constant(value: object) -> str:
    """A constant; numbers that are equal are one. A date bounds the rows of one run: it is no part of a feature."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return named("date")
    if isinstance(value, bool) or value is None:
        return f"#{str(value).lower()}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return "#" + quote(text[:80], safe=_SAFE)


def number(text: str) -> str:
    """A constant that is a number in a text."""
    return constant(float(text)) if _NUMBER.fullmatch(text) else constant(text)


def named(name: str) -> str:
    """A value of which only the name is known."""
    return SOME + quote(name, safe=_SAFE)


def operation(name: str, *parts: str) -> str:
    """An operator or function with what it is given, as it is written when all its spellings are one. What is 1 where
    a condition holds and 0 elsewhere is that condition."""
    if name in ("choose", "case") and parts[1:] in _FLAGS:
        return parts[0]
    if (plain := _plainly(name, parts)) is not None:
        return plain
    name, parts = _of_whole_numbers(*_ordered(*_bounded(name, parts)))
    form = f"{quote(name, safe=_SAFE)}({','.join(parts)})"
    return form if len(form) <= LONGEST else f"{quote(name, safe=_SAFE)}({_CUT})"


def _ordered(name: str, parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Comparisons point one way; what may change places is sorted."""
    if name in _TURNED and len(parts) == 2:
        name, parts = _TURNED[name], (parts[1], parts[0])
    return name, tuple(sorted(parts)) if name in _COMMUTING else parts


def _plainly(name: str, parts: tuple[str, ...]) -> str | None:
    """What is only another way to say an operation; None for any other."""
    if name == "between" and len(parts) == 3:
        return operation("and", *(operation("<=", *pair) for pair in pairwise((parts[1], parts[0], parts[2]))))
    if name == "isoweekday" and len(parts) == 1:
        return operation("+", operation("dayofweek", *parts), constant(1))
    added, more = _parted(parts[0]) if name == "log" and len(parts) == 1 else ("", [])
    if added == "+" and constant(1) in more:
        return operation("log1p", next((part for part in more if part != constant(1)), constant(1)))
    return None


def _bounded(name: str, parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A value that is kept between two bounds, or on one side of one: the constants come last, the lower one first."""
    if name in _BOUNDS and len(parts) == 2:
        value, limit = sorted(parts, key=lambda part: part.startswith("#"))
        inner, held = _parted(value)
        if limit.startswith("#") and {name, inner} == set(_BOUNDS) and len(held) == 2 and held[1].startswith("#"):
            return "clip", (held[0], *((held[1], limit) if name == "min" else (limit, held[1])))
        return name, (value, limit) if limit.startswith("#") else tuple(sorted(parts))
    if name == "clip" and 1 < len(parts) < 4:
        value, limits = parts[0], _limits(parts[1:])
        known = [(word, limit) for word, limit in zip(("max", "min"), limits, strict=True) if limit != constant(None)]
        return (known[0][0], (value, known[0][1])) if len(known) == 1 else (name, (value, *limits))
    return name, parts


def _limits(parts: tuple[str, ...]) -> tuple[str, str]:
    """The lower and the upper bound, by their order or by their keywords."""
    given = [part for part in parts if not _KEYWORD.match(part)] + [constant(None)] * 2
    named = {part.partition("=(")[0]: part.partition("=(")[2][:-1] for part in parts if _KEYWORD.match(part)}
    lower, upper = (next((named[one] for one in words if one in named), given[at]) for at, words in enumerate(_LIMITS))
    return lower, upper


def _of_whole_numbers(name: str, parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A comparison of a field of a time with whole numbers: whether it is one of the last ones, or above another one,
    says whether it is at or above the first of these."""
    if len(parts) == 2 and name in ("in", "<"):
        field, said = parts if name == "in" else parts[::-1]
        last = _LAST.get(_parted(field)[0])
        given = [one[1:] for one in (_parted(said)[1] if name == "in" else [said])]
        if last is not None and given and all(one.isdigit() for one in given):
            first = min(map(int, given)) + (name == "<")
            if name == "<" or {int(one) for one in given} == set(range(first, last + 1)):
                return "<=", (constant(first), field)
    return name, parts


def is_operation(form: str) -> bool:
    """Whether it is more than a leaf."""
    return form.endswith(")")


def is_cut(form: str) -> bool:
    """Whether it was too long to be kept whole, so that it tells nothing of another one."""
    return _CUT in form


def is_taken(form: str) -> bool:
    """Whether it gives what a column, or a field of a record, holds as it is: maybe as another type, and of several the
    first that holds anything."""
    name, parts = _parted(form)
    if not parts:
        return form.startswith("@")
    given = [part for part in parts if not part.startswith("#")]
    return name == "get" or (name in ("or", "int") and bool(given) and all(is_taken(part) for part in given))


def _parted(form: str) -> tuple[str, list[str]]:
    """An operator or function and what it is given; nothing of that of a leaf."""
    name, bracket, inside = form.partition("(")
    depth, parts = 0, [""]
    for char in inside[:-1] if bracket else "":
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return unquote(name), parts if inside[:-1] else []


def replaced(form: str, name: str, value: str) -> str:
    """A form in which a column stands for what it was computed as before."""
    found = re.sub(rf"{re.escape(column(name))}(?=[(),]|$)", lambda _: value, form)
    return found if len(found) <= LONGEST else form


def composed(form: str, made: Mapping[str, str]) -> str:
    """A form in which columns stand for what they are made of, put in its normal order once more."""
    name, parts = _parted(form)
    if not is_operation(form):
        return made.get(unquote(form[1:]), form) if form.startswith("@") else form
    found = operation(name, *(composed(part, made) for part in parts))
    return form if is_cut(found) else found


def shape(form: str) -> str:
    """A form without its constants, and without values that are no more than a name, which may be constants."""
    return re.sub(r"[#$][^(),]*(?=[),]|$)", "#", form)


def differing(one: str, other: str) -> tuple[str, str] | None:
    """The first constants in which two forms of one shape differ. A text in place of a number is none: the column that
    it is compared with holds words in the one and numbers in the other."""
    found = zip(*(re.findall(r"[#$][^(),]*(?=[),]|$)", form) for form in (one, other)), strict=True)
    pairs = ((first, second) for first, second in found if first[0] == second[0] == "#" and first != second)
    told = ((unquote(first[1:]), unquote(second[1:])) for first, second in pairs)
    return next(((first, second) for first, second in told if _is_text(first) is _is_text(second)), None)


def _is_text(constant: str) -> bool:
    return constant.startswith(("'", '"'))


def constants(form: str) -> tuple[str, ...]:
    """The constants of a form, in order."""
    return tuple(unquote(one) for one in re.findall(r"#([^(),]+)", form))


def columns(form: str) -> frozenset[str]:
    """The columns that a form is computed from."""
    return frozenset(unquote(one) for one in re.findall(r"@([^(),]+)", form))


def operators(form: str) -> tuple[str, ...]:
    """The operators and functions of a form, in order."""
    return tuple(unquote(one) for one in re.findall(r"([^(),@#$][^(),]*)\(", form))


def weight(form: str) -> int:
    """How much there is to get wrong: operators and constants."""
    counted = [name for name in operators(form) if name not in _PACKING and not _KEYWORD.fullmatch(name)]
    return len(counted) + len(constants(form))


def likeness(one: str, other: str) -> float:
    """The share of leaves and operators that two forms have in common, from 0 to 1."""
    first, second = (Counter(match[0] for match in _LEAF.finditer(form)) for form in (one, other))
    return sum((first & second).values()) / max(1, sum((first | second).values()))


def is_shared(form: str) -> bool:
    """Whether all of it is one call of a function of the repository that several files use."""
    found = operators(form)
    return bool(found) and HERE in found[0]


def shown(form: str) -> str:
    """A form as people write it."""
    return _Shown(form).text()


class _Shown:
    """Reads a form and writes it as an expression."""

    def __init__(self, form: str) -> None:
        self._tokens: Iterator[str] = iter(re.findall(r"[(),]|[^(),]+", form))
        self._next = next(self._tokens, "")

    def text(self) -> str:
        leaf = unquote(self._take()) if self._next not in ("(", ")", ",") else ""
        if self._next != "(":
            return leaf[1:] or "..." if leaf[:1] in "@#$" else leaf
        self._take()
        parts: list[str] = []
        while self._next and self._next != ")":
            if self._next == ",":
                self._take()
            else:
                parts.append(self.text())
        self._take()
        return _written(leaf.rpartition(HERE)[2], parts)

    def _take(self) -> str:
        taken, self._next = self._next, next(self._tokens, "")
        return taken


def _written(name: str, parts: list[str]) -> str:
    if name in _INFIX and len(parts) == 2:
        return "(" + f" {name} ".join(parts) + ")"
    if name == "pair" and len(parts) == 2:
        return ": ".join(parts)
    if name in ("list", "tuple", "set", "dict"):
        around = {"list": "[]", "tuple": "()"}.get(name, "{}")
        return around[0] + ", ".join(parts) + around[1]
    if name == "choose" and len(parts) == 3:
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if name.endswith("=") and len(parts) == 1:
        return name + parts[0]
    return f"{name}({', '.join(parts)})"
