"""Comments and bare strings as notes: whether they hold code, and whether that code is about ML."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
import textwrap
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from mldebt.facts import Comment, Const, FileFacts, Import, Param
from mldebt.graph.code import Note
from mldebt.link.components import Components
from mldebt.link.machine import Machine
from mldebt.link.values import Event, Place
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose

LONGEST_BLOCK = 120
MOST_STARTS = 8
_PLOT = "plot"
_BLANK = 2  # characters of a line that holds nothing
_Read = tuple[Place, str, ast.Module | None]
_PLAIN = frozenset({
    Role.LOG, Role.CONFIGURE, Role.RUN, Role.REMOVE, Role.COPY, Role.INSPECT, Role.REQUEST, Role.SERVE, Role.DERIVE,
    Role.MONITOR, Role.SEED,
})  # fmt: skip
_FILES = frozenset({Role.READ, Role.WRITE})
_CODE_LIKE = re.compile(r"[=(\[]|^\s*(?:import|from|return|del|raise)\b")
_PRAGMA = re.compile(r"^#\s*(?:noqa|type:|pylint|fmt:|pragma|%%|!|isort|mypy|ruff|yapf|nosec)", re.IGNORECASE)


def is_ml(event: Event) -> bool:
    """Whether an event is a step of ML work: data, features, models, scores."""
    if event.what in ("column", "decide", "select"):
        return True
    return event.row is not None and event.row.role is not None and event.row.role not in _PLAIN


def notes(machine: Machine, components: Components, own: Mapping[int, frozenset[str]]) -> tuple[Note, ...]:
    """The blocks of comment lines and the bare strings of all files but tests. `own` are the names of functions
    and classes that do ML work, by the file that defines them."""
    found: list[Note] = []
    values, bare = _names_of_values(machine), _bare_strings(machine)
    methods = _methods(machine, lambda role: role not in _PLAIN)
    shown = _methods(machine, lambda role: role in (Role.INSPECT, Role.LOG)) - methods
    stems = {file: posixpath.basename(machine.program.sources[file].path).partition(".")[0] for file in own}
    others = frozenset((stems[file], name) for file, names in own.items() for name in names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # prose that is read as code has escapes that code has not
        for file, facts in enumerate(machine.program.facts):
            if facts.units and machine.program.sources[file].purpose is not Purpose.TEST:
                imported, mine = _imported(machine, file), own.get(file, frozenset())
                known = _Known(machine, imported, values.get(file, set()), methods, shown, mine, others)
                found += _of_file(machine, components, file, known, bare.get(file, []))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Known:
    """What names mean in one file: imports by their full name, values of ML work, its own functions, and those of
    other files, by the names of these."""

    machine: Machine
    imported: Mapping[str, str]
    values: set[str]
    methods: frozenset[str]
    shown: frozenset[str]
    own: frozenset[str]
    others: frozenset[tuple[str, str]]

    def is_ml(self, tree: ast.Module) -> bool:
        """Whether code calls something that does ML work. A main guard alone is how somebody tries the file out."""
        if all(isinstance(one, ast.If) and "__name__" in ast.unparse(one.test) for one in tree.body):
            return False
        imported = {**self.imported, **_imports(tree)}
        return any(self._does_ml(call.func, imported) for call in ast.walk(tree) if isinstance(call, ast.Call))

    def _does_ml(self, callee: ast.expr, imported: Mapping[str, str]) -> bool:
        names: list[str] = []
        while isinstance(callee, (ast.Attribute, ast.Call, ast.Subscript)):
            names += [callee.attr] if isinstance(callee, ast.Attribute) else []
            callee = callee.func if isinstance(callee, ast.Call) else callee.value
        if not isinstance(callee, ast.Name):
            return False
        root, path = callee.id, list(reversed(names))
        if root in imported and _is_row(self.machine, ".".join([imported[root], *path])):
            return True
        if not path:
            module, _, name = imported.get(root, "").rpartition(".")
            return root in self.own or (module.rpartition(".")[2], name) in self.others
        if path[-1] in self.shown:
            return False
        package = imported.get(root, "").partition(".")[0]
        described = package in self.machine.catalogue.packages - sys.stdlib_module_names
        return root in self.values or (described and path[-1] in self.methods)


def _is_row(machine: Machine, name: str) -> bool:
    """Whether a call does ML work; what Python itself reads and writes may be anything, and neither a drawing that is
    stored nor an array of nothing says what is done."""
    plain = _PLAIN | _FILES if name.partition(".")[0] in sys.stdlib_module_names else _PLAIN
    rows = [row for row in machine.rows_of_call(machine.canonical(name)) if _PLOT not in row.traits]
    return any(row.role is not None and row.role not in plain and not _is_bare(row) for row in rows)


def _is_bare(row: Row) -> bool:
    kinds = {kind.partition(".")[0] for kind in row.result}
    return row.role is Role.CONSTRUCT and kinds == {"array"}


def _methods(machine: Machine, wanted: Callable[[Role], bool]) -> frozenset[str]:
    rows = ((name, row) for (_, name), found in machine.catalogue.methods.items() for row in found)
    told = ((name, row.role) for name, row in rows if _PLOT not in row.traits)
    return frozenset(name for name, role in told if role is not None and wanted(role))


def _of_file(
    machine: Machine, components: Components, file: int, known: _Known, strings: list[tuple[Place, str]]
) -> Iterator[Note]:
    source, facts = machine.program.sources[file], machine.program.facts[file]
    read = [(place, *_code(text, whole=False)) for place, text in _blocks(file, facts)]
    read += [(place, *_code(text, whole=True)) for place, text in strings]
    comments = {comment.start for comment in facts.comments}
    for place, text, tree in _merged(facts, read):
        yield Note(
            at=machine.program.span(place), text=text, code=tree is not None,
            ml=tree is not None and known.is_ml(tree), symbol=machine.info(machine.program.unit_at(place)).id,
            purpose=source.purpose, component=components.of(source.path), comment=place[1] in comments,
        )  # fmt: skip


def _merged(facts: FileFacts, read: list[_Read]) -> list[_Read]:
    """Blocks of code with nothing but blank lines between them are one."""
    found: list[_Read] = []
    gaps = {after.start: before.start + len(before.text) for before, after in pairwise(facts.comments) if after.follows}
    for place, text, tree in read:
        before = found[-1] if found else None
        blank = before is not None and (gaps.get(place[1]) == before[0][2] or _only_blank(facts, before[0], place))
        if before is not None and before[2] is not None and tree is not None and blank:
            both = ast.Module([*before[2].body, *tree.body], [])
            found[-1] = ((place[0], before[0][1], place[2]), f"{before[1]}\n\n{text}", both)
        else:
            found.append((place, text, tree))
    return found


def _only_blank(facts: FileFacts, before: Place, after: Place) -> bool:
    """Whether the lines between two places are empty, as their lengths say: facts hold no text."""
    first, last = bisect_right(facts.lines, before[2]), bisect_right(facts.lines, after[1]) - 1
    lengths = [facts.lines[line + 1] - facts.lines[line] for line in range(first, last)]
    return last >= first and all(length <= _BLANK for length in lengths)


def _blocks(file: int, facts: FileFacts) -> Iterator[tuple[Place, str]]:
    """Neighbouring comment lines as one text, without their marks. A comment behind code stands alone."""
    starts = facts.lines
    block: list[Comment] = []
    last = -2
    for comment in facts.comments:
        line = bisect_right(starts, comment.start) - 1
        if not comment.own or _PRAGMA.match(comment.text):
            continue
        if block and line != last + 1:
            yield _joined(file, block)
            block = []
        block.append(comment)
        last = line
    if block:
        yield _joined(file, block)


def _joined(file: int, block: list[Comment]) -> tuple[Place, str]:
    text = "\n".join(comment.text.lstrip("#") if comment.text.strip("#") else "" for comment in block)
    dedented = textwrap.dedent(text) if len(block) > 1 else text.lstrip(" \t")  # most stand alone
    return (file, block[0].start, block[-1].start + len(block[-1].text)), dedented


def _code(text: str, *, whole: bool) -> tuple[str, ast.Module | None]:
    """The run of lines that is Python, where that is most of the text, and what it says; the text and
    None for prose."""
    lines = text.splitlines()[:LONGEST_BLOCK]
    if not any(_CODE_LIKE.search(line) for line in lines):
        return text, None
    tree, wrong = _parsed(lines)
    if tree is None and whole:  # the first line stands behind the quotes, the others as deep as the code around
        tree, _ = _parsed([lines[0], *textwrap.dedent("\n".join(lines[1:])).splitlines()])
    if tree is not None or whole:
        return text, tree
    said = sum(bool(line.strip()) for line in lines)
    starts = [number for number, line in enumerate(lines) if _CODE_LIKE.search(line)]
    for start in starts[:MOST_STARTS]:
        if start and lines[start - 1].rstrip().endswith(":"):
            break  # what a heading announces is an example
        part = lines[start:]
        tree, wrong = _parsed(part)
        if tree is None and wrong > 1:
            part = lines[start : start + wrong - 1]
            tree, _ = _parsed(part)
        if tree is not None:
            most = 2 * sum(bool(line.strip()) for line in part) >= said
            return ("\n".join(part), tree) if most else (text, None)
    return text, None


def _parsed(lines: list[str]) -> tuple[ast.Module | None, int]:
    """The lines as code that does something, or None and the line at which they stop being code."""
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except SyntaxError as error:
        return None, error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return None, 0
    return (tree if any(_does(statement) for statement in tree.body) else None), 0


def _does(statement: ast.stmt) -> bool:
    """A call, an assignment of something made, or a block that holds one; a lone name is prose."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.Call, ast.Await))
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    return not isinstance(statement, (ast.Pass, ast.Global, ast.Assert, ast.Break, ast.Continue))


def _imports(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _imported(machine: Machine, file: int) -> dict[str, str]:
    """Names that the imports of a module bind to libraries, with what they stand for."""
    unit = machine.program.module_unit(file)
    found: dict[str, str] = {}
    for step in machine.program.body(unit):
        if isinstance(step, Import) and not step.level:
            whole = f"{step.module}.{step.name}" if step.name else step.module
            package = not step.name and step.bound == step.module.partition(".")[0]
            found[step.bound] = step.bound if package else whole
    return found


def _names_of_values(machine: Machine) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for event, name in machine.named.items():
        if is_ml(event):
            found.setdefault(event.place[0], set()).add(name)
    return found


def _bare_strings(machine: Machine) -> dict[int, list[tuple[Place, str]]]:
    """Strings that stand alone, by file; docstrings left out."""
    found: dict[int, list[tuple[Place, str]]] = {}
    bare = machine.noted.bare
    for unit in dict.fromkeys(bare.values()):
        steps = machine.program.body(unit)
        first = next((step for step in steps if not isinstance(step, Param)), None)
        for step in steps:
            if isinstance(step, Const) and step is not first and isinstance(step.value, str) and "\n" in step.value:
                place = (machine.program.file_of[unit], step.start, step.end)
                if place in bare:
                    found.setdefault(place[0], []).append((place, step.value))
    return found
