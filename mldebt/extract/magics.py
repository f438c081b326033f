"""The lines of a notebook cell that are no Python, turned into Python of the same length or into blanks.

IPython's rules: `%name`, `!command`, `%%name`, `?name` and `name?` count only where a statement may
begin, so never inside a string, an open bracket or after a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from mldebt.extract.masking import masked_text
from mldebt.facts import LONGEST_TEXT

Mark = tuple[int, str, str, str]

# Cell magics whose body runs as Python in the notebook's own process or Spark session.
PYTHON_CELLS = frozenset((
    "time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "heat", "debug", "snakeviz",
    "pyinstrument", "scalene", "px", "spark", "pyspark", "local", "ipytest", "run_cell", "wandb", "chime",
    "notify", "tb", "black", "mypy", "pycodestyle", "flake8", "skip", "manim",
))  # fmt: skip
SHELL_CELLS = frozenset(["bash", "sh", "zsh", "cmd", "sx", "system", "!"])
SHELL_WORDS = frozenset(["bash", "sh", "zsh"])
# Databricks: the first line of a cell, with one sign, names the language of the whole cell.
LANGUAGE_LINES = frozenset(["md", "scala", "r", "sh", "fs"])
TIMERS = frozenset(["time", "timeit", "prun", "memit"])

_CELL = re.compile(r"\s*%%(!|[A-Za-z_][\w.]*)(.*)")
_LINE = re.compile(r"\s*(%%?|!!?)(.*)")
_NAMED = re.compile(r"([A-Za-z_][\w.]*)(.*)")
_HELP = re.compile(r"\s*(?:\?{1,2}\s*([\w.*%]+)|([\w.*\[\]'\"%]+)\s*\?{1,2})\s*;?\s*")
_TARGET = re.compile(r"[A-Za-z_*(\[](?:[\w.,\s*()]|\[['\"]?\w*['\"]?\])*")
_TIMED = re.compile(r"((?:-[nrp][ \t]*\d+[ \t]+|-[tcoqv][ \t]+)*)(?!-)(.+)")
_COMPOUND = re.compile(r"(?:for|while|if|with|try|def|class|async)\b|[@!%?]")
_COMMAND = re.compile(
    r"(pip3?|conda|mamba|ls|ll|cd|pwd|cat|mkdir|rmdir|cp|mv|rm|run|load_ext)(?:[ \t]+(.*))?"
)
_ALONE = frozenset(["ls", "ll", "cd", "pwd"])
_OPERAND = re.compile(r"(?!(?:in|is|and|or|not|if|else|for)\b)(?:--?\w|\.{1,2}(?:/|\s|$)|[/*]\S|~|[\w\"'$])")
_CODE = re.compile(r"#|\"\"\"|'''|[\"'\[\](){}]|\\$")
_QUOTED = MappingProxyType({quote: re.compile(rf"\\.|{quote}|\\$") for quote in ('"', "'", '"""', "'''")})


@dataclass(frozen=True, slots=True)
class Translated:
    """A cell as Python: `text` has the lines of the source; `foreign` when nothing of it is Python."""

    text: str
    marks: tuple[Mark, ...]
    foreign: bool


class _State(NamedTuple):
    """What is open at the start of a line."""

    depth: int = 0
    quote: str = ""
    continued: bool = False


class _Found(NamedTuple):
    """A line that is no Python: what it is, and the Python that stands in for it."""

    column: int
    kind: str
    name: str
    rest: str
    python: str


@dataclass(slots=True)
class _Draft:
    """The translation so far."""

    lines: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    offset: int = 0

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)
        self.offset += sum(len(line) + 1 for line in lines)

    def mark(self, column: int, kind: str, name: str, rest: str) -> None:
        self.marks.append((self.offset + column, kind, name, masked_text(rest)[:LONGEST_TEXT]))


def translate(lines: list[str]) -> Translated:
    """The Python of a cell, whose `lines` come without their ends. Only a very short line has to grow.

    As in IPython, the indentation of the first line is taken from all lines.
    """
    lines = _unindented(lines)
    draft, state, number, leading = _Draft(), _State(), 0, True
    while number < len(lines):
        line = lines[number]
        fresh = state == _State()
        if fresh and leading and _whole_cell(line, lines[number + 1 :], draft):
            draft.add(*(" " * len(rest) for rest in lines[number:]))
            return Translated(_joined(draft.lines), tuple(draft.marks), True)
        joined, taken = _logical(lines, number) if fresh else (line, 1)
        found = _found(line, joined) if fresh else None
        if found is None:
            joined, taken = line, 1
            draft.add(line)
        else:
            draft.mark(found.column, found.kind, found.name, found.rest)
            draft.add(found.python, *(" " * len(rest) for rest in lines[number + 1 : number + taken]))
        state = _after(draft.lines[-taken], state)
        leading = leading and not _is_code(draft.lines[-taken])
        number += taken
    return Translated(_joined(draft.lines), tuple(draft.marks), False)


def _unindented(lines: list[str]) -> list[str]:
    """The lines without the indentation that the first one with anything on it has."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _whole_cell(line: str, body: list[str], draft: _Draft) -> bool:
    """Whether this first line hands the whole cell to another language; if so, marks it."""
    column = len(line) - len(line.lstrip())
    match = _CELL.fullmatch(line)
    if match is None:
        name = line.strip().partition(" ")[0][1:]
        if line.strip() != "%sql" and not (line.strip().startswith("%") and name in LANGUAGE_LINES):
            return False
        head = line.strip()[len(name) + 1 :].strip()
    else:
        name, head = match.group(1), match.group(2).strip()
    if name in PYTHON_CELLS:
        return False
    if name in SHELL_CELLS or (name == "script" and head.split(" ")[0] in SHELL_WORDS):
        shown = [head] if name in ("!", "sx", "system") or match is None else []
        draft.mark(column, "shell", name, "\n".join([*shown, *body]))
    else:
        draft.mark(column, "cell", name, "\n".join([head, *body]))
    return True


def _logical(lines: list[str], number: int) -> tuple[str, int]:
    """A line with those that a backslash joins to it, and how many lines that is."""
    parts = [lines[number]]
    while parts[-1].endswith("\\") and number + len(parts) < len(lines):
        parts.append(lines[number + len(parts)])
    return " ".join(part.removesuffix("\\") for part in parts), len(parts)


def _found(line: str, joined: str) -> _Found | None:
    """The magic that a line holds; `joined` is the line with its continuation."""
    column = len(line) - len(line.lstrip())
    match = _LINE.fullmatch(joined)
    if match is None or _HELP.fullmatch(line):
        return _help(line) or _assigned(line, joined) or _command(line, joined)
    sign, rest = match.groups()
    if sign[0] == "!":
        return _Found(column, "shell", sign, rest.strip(), _blank(line))
    named = _NAMED.fullmatch(rest)
    if named is None:
        return None
    name, rest = named.group(1), named.group(2).strip()
    python = (sign == "%" and _timed(line, name, rest)) or _blank(line)
    return _Found(column, _line_kind(name, sign), name, _shown(name, rest), python)


def _line_kind(name: str, sign: str = "%") -> str:
    if sign == "%%":
        return "cell"
    if name in ("sx", "system", "sh"):
        return "shell"
    return "run" if name == "run" else "line"


def _shown(name: str, rest: str) -> str:
    """`%env NAME value` reads like `%env NAME=value`."""
    if name in ("env", "set_env") and "=" not in rest:
        return rest.replace(" ", "=", 1)
    return rest


def _help(line: str) -> _Found | None:
    match = _HELP.fullmatch(line)
    if match is None:
        return None
    column = len(line) - len(line.lstrip())
    return _Found(column, "line", "?", match.group(1) or match.group(2), _blank(line))


def _assigned(line: str, joined: str) -> _Found | None:
    """`x = !command` and `x = %name rest`: the name keeps a value."""
    target, equals, value = joined.partition("=")
    value = value.strip()
    if not equals or value[:1] not in ("!", "%") or not _TARGET.fullmatch(target.strip()):
        return None
    column = line.find(value[0], len(target))
    if column < 0:
        return None
    left = line[:column]
    if value[0] == "!":
        return _Found(column, "shell", "!", value.lstrip("!").strip(), _none(left, line))
    named = _NAMED.fullmatch(value[1:])
    if named is None:
        return None
    name, rest = named.group(1), named.group(2).strip()
    if name == "time" and rest and joined == line and rest[0] not in "-!%":
        return _Found(column, "line", name, rest, line.replace("%time", "     ", 1))
    return _Found(column, _line_kind(name), name, _shown(name, rest), _none(left, line))


def _command(line: str, joined: str) -> _Found | None:
    """IPython runs `pip install x`, `run fit.py` and `ls` without a sign."""
    match = _COMMAND.fullmatch(joined.strip())
    if match is None:
        return None
    name, rest = match.group(1), (match.group(2) or "").strip()
    if not (_OPERAND.match(rest) if rest else name in _ALONE):
        return None
    return _Found(len(line) - len(line.lstrip()), _line_kind(name), name, rest, _blank(line))


def _timed(line: str, name: str, rest: str) -> str:
    """`%time statement` with the statement kept where it stands; empty when there is none to keep."""
    match = _TIMED.fullmatch(rest) if name in TIMERS and not line.endswith("\\") else None
    if match is None or _COMPOUND.match(match.group(2)):
        return ""
    column = len(line) - len(line.lstrip())
    start = len(line.rstrip()) - len(match.group(2))
    return line[:column] + "pass;".ljust(start - column) + line[start:]


def _blank(line: str) -> str:
    """Spaces; an indented line may be all there is of a block, so it becomes `pass`."""
    indent = len(line) - len(line.lstrip())
    return line[:indent] + "pass".ljust(len(line) - indent) if indent else " " * len(line)


def _none(left: str, line: str) -> str:
    return left + "None".ljust(len(line) - len(left))


def _after(line: str, state: _State) -> _State:
    """What is open behind a line."""
    depth, quote, position, continued = state.depth, state.quote, 0, False
    while match := (_QUOTED[quote] if quote else _CODE).search(line, position):
        token, position = match.group(), match.end()
        if token == "\\":
            continued = True
        elif quote:
            quote = "" if token == quote else quote
        elif token == "#":
            break
        elif token in _QUOTED:
            quote = token
        else:
            depth = max(0, depth + (1 if token in "([{" else -1))
    unfinished = len(quote) == 1 and not continued
    return _State(depth, "" if unfinished else quote, continued and len(quote) != 3)
