"""Facts of Python: what a line says, with every local name replaced by the value it has there.

`# fact: TEXT` behind a line holds when a step that begins on the line is printed so; several marks may
stand on one line. `$a` is a parameter, a bare name is looked up elsewhere, `(a | b)` is one of two
values, `...` a value of a later round of the loop, `each x` an element, `x<0>` its first part. `# missed:
TEXT (why: ...)` is a blind spot, `# wrong: TEXT (why: ...)` a falsehood; both fail once they are mended.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt import extract, facts
from mldebt.facts import NONE, FileFacts, Step, Unit
from mldebt.source import Kind

CASES = Path(__file__).parents[2] / "fixtures" / "_facts"
MARK = re.compile(r"#\s*(?P<word>fact|missed|wrong): *(?P<text>[^#]*?)(?: +\(why: [^()]*\))?\s*(?=#|$)")


class Printer:
    """The steps of one unit as text; a step that is being printed already prints as `...`."""

    def __init__(self, file: FileFacts, unit: Unit) -> None:
        self.file, self.unit = file, unit
        self.steps = facts.steps(unit)
        self.open: list[int] = []

    def of(self, index: int) -> str:
        if index == NONE:
            return "unbound"
        if index in self.open:
            return "..."
        self.open.append(index)
        text = self.step(self.steps[index])
        self.open.pop()
        return text

    def step(self, step: Step) -> str:  # one line for each kind
        of = self.of
        match step:
            case facts.Const(value=value, kind=kind):
                return kind or repr(value)
            case facts.Param(name=name):
                return f"${name}"
            case facts.Load(name=name):
                return name
            case facts.Attribute(base=base, name=name):
                return f"{of(base)}.{name}"
            case facts.Item(base=base, key=key):
                return f"{of(base)}[{of(key)}]"
            case facts.Slice(lower=lower, upper=upper, stride=stride):
                return ":".join("" if part == NONE else of(part) for part in (lower, upper, stride))
            case facts.SetAttribute(base=base, name=name, value=value):
                return f"{of(base)}.{name} = {of(value)}"
            case facts.SetItem(base=base, key=key, value=value):
                return f"{of(base)}[{of(key)}] = {of(value)}"
            case facts.SetGlobal(name=name, value=value):
                return f"global {name} = {of(value)}"
            case facts.Delete(base=base, key=key, name=name):
                return f"del {of(base)}" + (f".{name}" if name else f"[{of(key)}]")
            case facts.Call(callee=callee, arguments=arguments):
                return f"{of(callee)}({', '.join(map(self.argument, arguments))})"
            case facts.Template(parts=parts):
                return "f'" + "".join(p if isinstance(p, str) else f"{{{of(p)}}}" for p in parts) + "'"
            case facts.Unary(operator=operator, operand=operand):
                return f"{operator} {of(operand)}"
            case facts.Binary(operator=sign, left=a, right=b) | facts.Compare(operator=sign, left=a, right=b):
                return f"{of(a)} {sign} {of(b)}"
            case facts.Choice(condition=condition, then=then, otherwise=otherwise):
                return f"{of(then)} if {of(condition)} else {of(otherwise)}"
            case facts.Collection(kind=kind, items=items, keys=keys):
                return f"{kind}({', '.join(self.items(kind, items, keys))})"
            case facts.Comprehended(kind=kind, item=item, key=key):
                return f"{kind} of " + (of(item) if key == NONE else f"{of(key)}: {of(item)}")
            case facts.Phi(values=values):
                return f"({' | '.join(of(value) for value in values)})"
            case facts.Branch(condition=condition):
                return f"if {of(condition)}"
            case facts.Loop(kind=kind, iterable=iterable):
                return f"{kind} {of(iterable)}"
            case facts.Element(base=base, index=index, count=count, starred=starred):
                part = f"{of(base)}<{index}{'*' if starred else ''}>"
                return f"each {of(base)}" if index == NONE and not count else part
            case facts.Enter(manager=manager):
                return f"with {of(manager)}"
            case facts.Handler(caught=caught):
                return f"except {of(caught)}" if caught != NONE else "except"
            case facts.Raise(value=value):
                return f"raise {of(value)}" if value != NONE else "raise"
            case facts.Assert(condition=condition):
                return f"assert {of(condition)}"
            case facts.Return(value=value):
                return f"return {of(value)}" if value != NONE else "return"
            case facts.Yield(value=value):
                return f"yield {of(value)}"
            case facts.Show(value=value, last=last):
                return f"show {of(value)}" if last else of(value)
            case facts.Define():
                return self.definition(step)
            case facts.Annotate(name=name, annotation=annotation, value=value):
                return f"{name}: {of(annotation)}" + ("" if value == NONE else f" = {of(value)}")
            case facts.Import(module=module, name=name, level=level):
                return f"import {'.' * level}{module}" + (f":{name}" if name else "")
            case facts.StarImport(module=module, level=level):
                return f"import {'.' * level}{module}:*"
            case facts.Stop(word=word):
                return word
            case facts.Try():
                return "try"

    def argument(self, argument: facts.Argument) -> str:
        if argument.name in ("*", "**"):
            return argument.name + self.of(argument.value)
        return (f"{argument.name}=" if argument.name else "") + self.of(argument.value)

    def items(self, kind: str, items: tuple[int, ...], keys: tuple[int, ...]) -> Iterator[str]:
        for place, item in enumerate(items):
            key = keys[place] if keys else NONE
            if kind == "dict":
                yield f"**{self.of(item)}" if key == NONE else f"{self.of(key)}: {self.of(item)}"
            else:
                yield ("*" if key != NONE else "") + self.of(item)

    def definition(self, step: facts.Define) -> str:
        made = self.file.units[step.unit]
        if made.kind == "class":
            given = ", ".join(map(self.argument, step.bases))
        else:
            defaults = step.defaults or (NONE,) * len(made.parameters)
            pairs = zip(made.parameters, defaults, strict=True)
            given = ", ".join(self.parameter(parameter, default) for parameter, default in pairs)
        marks = "".join(f"@{self.of(value)} " for value in step.decorators)
        words = "".join(f"{flag} " for flag in made.flags if flag in ("async", "generator"))
        return f"{marks}{words}{made.kind} {made.id}({given})"

    def parameter(self, parameter: facts.Parameter, default: int) -> str:
        star = parameter.kind if parameter.kind in ("*", "**") else ""
        kind = {"/": " /", "k": " k"}.get(parameter.kind, "")
        return f"{star}{parameter.name}{kind}" + ("" if default == NONE else f"={self.of(default)}")


def read(text: str) -> FileFacts:
    return extract.read(Kind.PYTHON, text.encode(), "case.py")


def said(file: FileFacts) -> dict[int, set[str]]:
    """What each line says. A step without a place of its own says nothing by itself."""
    found: dict[int, set[str]] = {}
    for unit in file.units:
        printer = Printer(file, unit)
        for index, step in enumerate(printer.steps):
            if step.end > step.start:
                found.setdefault(line_of(file, step.start), set()).add(printer.of(index))
    return found


def line_of(file: FileFacts, offset: int) -> int:
    return bisect_right(file.lines, offset)


def failures(file: FileFacts) -> list[str]:
    return [failure for comment in file.comments for failure in failures_of(file, comment)]


def failures_of(file: FileFacts, comment: facts.Comment) -> Iterator[str]:
    line = line_of(file, comment.start) + comment.own
    says = said(file).get(line, set())
    for mark in MARK.finditer(comment.text):
        if (mark["text"] in says) is (mark["word"] == "missed"):
            yield f"line {line}: {mark[0].strip()}\n    says: {sorted(says)}"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_every_line_says_what_its_comment_says(path: Path) -> None:
    file = read(path.read_text("utf-8"))
    assert any(MARK.search(comment.text) for comment in file.comments)
    failed = failures(file)
    if failed:
        pytest.fail("\n".join(failed), pytrace=False)


def test_a_false_mark_is_seen() -> None:
    lines = ["a = 1  # fact: 2", "b = a  # missed: 2 (why: x)", "f(a)  # missed: f(1) (why: x)", "g(a)  # wrong: h(1)"]
    found = failures(read("\n".join(lines)))
    assert [failed.partition(":")[0] for failed in found] == ["line 1", "line 3", "line 4"]


def test_ids_of_units_repeat_with_an_ordinal() -> None:
    file = read("def f(): pass\ndef f(): pass\nclass C:\n    def f(self): pass\n    def f(self, x): pass\n")
    assert [unit.id for unit in file.units] == ["", "f", "f#2", "C", "C.f", "C.f#2"]


def test_equal_content_has_equal_facts_and_they_survive_packing() -> None:
    text = (CASES / "control_flow.py").read_text("utf-8")
    assert read(text) == read(text)
    assert facts.unpack(facts.pack(read(text))) == read(text)


def test_a_secret_is_not_kept() -> None:
    packed = facts.pack(read("PASSWORD = 'hunter2'\nconnect(token='hunter3')\n"))
    assert b"hunter" not in packed


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_operands_come_before_their_use_but_for_loop_heads(path: Path) -> None:
    """Static single assignment: a value is made once, before it is used."""
    for unit in read(path.read_text("utf-8")).units:
        for index, step in enumerate(facts.steps(unit)):
            if not isinstance(step, facts.Phi | facts.Loop):
                assert all(operand < index for operand in operands(step)), (unit.id, step)


def operands(step: Step) -> list[int]:
    names = ("base", "key", "value", "callee", "left", "right", "operand", "item", "manager", "condition")
    found = [getattr(step, name) for name in names if isinstance(getattr(step, name, None), int)]
    return found if not isinstance(step, facts.Const) else []


def test_text_beside_bytes_is_no_python() -> None:
    assert [trouble.code for trouble in extract.read(Kind.PYTHON, b"x = 'a' b'b'\n").troubles] == ["syntax"]
