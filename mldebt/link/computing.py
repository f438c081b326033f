"""What steps of code compute, as normal forms: local names and helpers of the file are resolved away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mldebt import facts, forms
from mldebt.facts import NONE
from mldebt.link.machine import Machine
from mldebt.link.values import Module

DEEPEST = 30
MOST_INLINED = 4

_TESTS = frozenset({"<", "<=", "==", "!=", "in", "not in", "and", "or", "&", "|", "not", "isna", "notna", "between"})
_OWN = frozenset({"self", "cls"})
_PLAIN = (facts.Param, facts.Load, facts.Phi, facts.Element, facts.Enter)


class Words:
    """The forms of one linking, and what their makers share."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.known = forms.load()
        self._bodies: dict[int, tuple[facts.Step, ...]] = {}

    def body(self, unit: int) -> tuple[facts.Step, ...]:
        """The steps of a unit, decoded once."""
        found = self._bodies.get(unit)
        if found is None:
            found = self._bodies[unit] = self.machine.program.body(unit)
        return found

    def operation(self, name: str, *parts: str) -> str:
        """An operation under the name that all its spellings have."""
        return forms.operation(self.known.same.get(name, name), *parts)


class Computing:
    """The forms of the values of one unit. `target` is the key that is assigned, as number of its value and name: in a
    loop over names it stands for each of them. `given` are the forms of parameters, where a call fills them."""

    def __init__(
        self, words: Words, unit: int, target: tuple[int, str] = (NONE, ""), given: Mapping[int, str] | None = None,
        inlined: int = 0,
    ) -> None:  # fmt: skip
        self._words, self._unit, self._target = words, unit, target
        self._given, self._inlined = given, inlined
        self._steps = words.body(unit)
        self._file = words.machine.program.file_of[unit]
        self._made: dict[int, str] = {}

    def form(self, index: int, depth: int = 0) -> str:
        """The form of a value."""
        if index == NONE or depth > DEEPEST:
            return forms.SOME
        found = self._made.get(index)
        if found is None:
            self._made[index] = forms.SOME  # what a loop carries round depends on itself
            found = self._made[index] = self._form(index, depth + 1)
        return found

    def stored(self, index: int) -> str:
        """The form of a value that becomes a column; a list of one is that one."""
        step = self._steps[index] if index != NONE else None
        only = isinstance(step, facts.Collection) and step.kind == "list" and len(step.items) == 1
        return self.form(step.items[0] if only else index)  # type: ignore[union-attr]

    def returned(self) -> str:
        """The form of what the unit returns, with the conditions that decide between several values."""
        found = [self.form(step.value) for step in self._steps if isinstance(step, facts.Return)]
        tests = [self.form(step.condition) for step in self._steps if isinstance(step, facts.Branch)]
        return found[0] if len(found) == 1 and not tests else forms.operation("choose", *tests, *found)

    def partly(self, key: int, value: str, name: str) -> str:
        """The form of a store by rows and column, `df.loc[rows, name] = value`."""
        step = self._steps[key]
        rows = step.items[0] if isinstance(step, facts.Collection) and len(step.items) == 2 else NONE
        if rows == NONE or isinstance(self._steps[rows], facts.Slice):
            return value
        return self._words.operation("choose", self.form(rows), value, forms.column(name))

    def _form(self, index: int, depth: int) -> str:
        step = self._steps[index]
        maker = _MAKERS.get(type(step))
        return forms.SOME if maker is None else str(maker(self, step, depth))

    def _const(self, step: facts.Const, depth: int) -> str:
        return forms.constant(step.value) if not step.kind else forms.named(step.kind)

    def _param(self, step: facts.Param, depth: int) -> str:
        if self._given is not None:
            return self._given.get(step.index, forms.SOME)
        return forms.SOME if step.name in _OWN else forms.column(step.name)

    def _load(self, step: facts.Load, depth: int) -> str:
        """A name of the module, or of one that it imports from: a constant there, or nothing but its name."""
        machine, file, name = self._words.machine, self._file, step.name
        made = self._import_of(name)
        if made is not None and made.name:
            module = machine.imports.resolve(file, made.module, made.level)
            file, name = (module.file, made.name) if isinstance(module, Module) else (-1, name)
        unit = machine.program.module_unit(file)
        index = machine.program.exports(unit).get(name, NONE) if unit >= 0 else NONE
        found = self._words.body(unit)[index] if index != NONE else None
        if unit != self._unit and isinstance(found, (facts.Const, facts.Collection, facts.Unary, facts.Binary)):
            return Computing(self._words, unit).form(index, depth)
        return forms.named(step.name)

    def _attribute(self, step: facts.Attribute, depth: int) -> str:
        if self._library(step.base):
            return forms.named(step.name)
        if step.name in self._words.known.accessors:
            return self.form(step.base, depth)
        base = self._steps[step.base]
        if isinstance(base, facts.Param) and base.name in _OWN:
            return forms.named(step.name)
        if self._is_plain(step.base):
            return forms.column(step.name)
        whole = self.form(step.base, depth)
        if isinstance(base, facts.Annotate):
            base = self._steps[base.value]
        if isinstance(base, facts.Call) and (self._is_table(base) or not forms.columns(whole)):
            return forms.column(step.name)  # of a table that a call gave
        return self._words.operation(step.name, whole)

    def _is_table(self, call: facts.Call) -> bool:
        """Whether what a library gives for a call is a table."""
        rows = self._words.machine.noted.meant.get((self._file, call.start, call.end), ())
        return bool(rows) and all(row.result and row.result[0].startswith("table") for row in rows)

    def _item(self, step: facts.Item, depth: int) -> str:
        key = self._steps[self._of_all_rows(step.key)] if step.key != NONE else None
        if step.key == self._target[0]:
            return forms.column(self._target[1])
        name = key.value if isinstance(key, facts.Const) and isinstance(key.value, str) else None
        if name is None and isinstance(key, facts.Collection):
            return self._words.operation("columns", self.form(step.key, depth))
        if name is None:
            return self._words.operation("item", self.form(step.base, depth), self.form(step.key, depth))
        if self._is_window(step.base):
            return self._words.operation("of", self.form(step.base, depth), forms.column(name))
        return forms.column(name)

    def _of_all_rows(self, key: int) -> int:
        """The column in `loc[:, column]`, else the key itself."""
        step = self._steps[key]
        first, *others = step.items if isinstance(step, facts.Collection) and step.kind == "tuple" else (NONE,)
        rows = self._steps[first] if first != NONE else None
        every = isinstance(rows, facts.Slice) and {rows.lower, rows.upper, rows.stride} == {NONE}
        return others[0] if every and len(others) == 1 else key

    def _call(self, step: facts.Call, depth: int) -> str:
        callee = self._steps[step.callee]
        if isinstance(callee, facts.Attribute) and not self._library(callee.base):
            return self._method(callee, step, depth)
        unit = self._local(step.callee)
        if unit >= 0 and self._inlined < MOST_INLINED:
            return self._filled(unit, [self.form(one.value, depth) for one in step.arguments if not one.name])
        name = self._name(step.callee)
        if name in self._words.known.columns and len(step.arguments) == 1:
            said = self._steps[step.arguments[0].value]
            return forms.column(said.value) if isinstance(said, facts.Const) and isinstance(said.value, str) else (
                self.form(step.arguments[0].value, depth)
            )  # fmt: skip
        return self._applied(name, self._arguments(step.arguments, depth))

    def _method(self, callee: facts.Attribute, step: facts.Call, depth: int) -> str:
        known = self._words.known
        if callee.name in known.gets and step.arguments and self._is_plain(callee.base):
            said = self._steps[step.arguments[0].value]
            if isinstance(said, facts.Const) and isinstance(said.value, str):
                found = forms.column(said.value)
                others = [self.form(one.value, depth) for one in step.arguments[1:]]
                return forms.operation("fill", found, *others) if others and others != ["#none"] else found
        if callee.name in known.calls and step.arguments and not self._is_window(callee.base):
            unit = self._local(step.arguments[0].value)
            if unit >= 0 and self._inlined < MOST_INLINED:
                return self._filled(unit, [self._receiver(callee.base, depth)])
        if self._is_kept(callee):
            return forms.named(callee.name)
        unmade = callee.name in known.learnt and not isinstance(self._steps[callee.base], facts.Call)
        receiver = forms.SOME if unmade else self._receiver(callee.base, depth)
        if callee.name in known.groups and not receiver.startswith("@"):
            receiver = forms.SOME
        own = [] if receiver == forms.SOME else [receiver]
        return self._applied(callee.name, [*own, *self._arguments(step.arguments, depth)])

    def _is_kept(self, callee: facts.Attribute) -> bool:
        """Whether what is done is kept in something that was fitted before: this code does not say it."""
        made = self._steps[callee.base]
        fit = self._steps[made.callee] if isinstance(made, facts.Call) else None
        fitted_here = isinstance(fit, facts.Attribute) and fit.name == "fit"
        return callee.name in self._words.known.fitted and not fitted_here and not self._is_window(callee.base)

    def _applied(self, name: str, parts: list[str]) -> str:
        """A call, but for those that give back what they are given."""
        known = self._words.known
        if parts and name in known.wrappers:
            return parts[0]
        if parts and name in known.casts:
            rounds = any("int" in part.lower() for part in (name, *parts[1:])) and not self._is_whole(parts[0])
            return forms.operation("int", parts[0]) if rounds else parts[0]
        return self._words.operation(name, *parts)

    def _is_whole(self, form: str) -> bool:
        """Whether a change of type rounds nothing: a column, a constant, a comparison."""
        return not forms.is_operation(form) or forms.operators(form)[0] in _TESTS

    def _receiver(self, base: int, depth: int) -> str:
        return forms.SOME if self._is_plain(base) and not self._is_value(base) else self.form(base, depth)

    def _is_value(self, index: int) -> bool:
        """Whether a plain name is a value by itself: a parameter that a call fills."""
        return isinstance(self._steps[index], facts.Param) and self._given is not None

    def _arguments(self, arguments: tuple[facts.Argument, ...], depth: int) -> list[str]:
        plain = [self.form(one.value, depth) for one in arguments if not one.name]
        named = [
            forms.operation(f"{one.name}=", self.form(one.value, depth))
            for one in arguments
            if one.name and one.name not in self._words.known.ignored
        ]
        return [*plain, *sorted(named)]

    def _filled(self, unit: int, values: list[str]) -> str:
        """What a function of the file gives for these values; one of self counts none."""
        return Computing(self._words, unit, given=dict(enumerate(values)), inlined=self._inlined + 1).returned()

    def _local(self, index: int) -> int:
        """The unit of a function of this file that a value is; -1 for any other value."""
        step = self._steps[index] if index != NONE else None
        program = self._words.machine.program
        steps = self._steps
        if isinstance(step, facts.Load):
            module = program.module_unit(self._file)
            place = program.exports(module).get(step.name, NONE)
            steps = self._words.body(module) if place != NONE else ()
            step = steps[place] if place != NONE else None
        if not isinstance(step, facts.Define):
            return -1
        unit = self._words.machine.unit_of(self._file, step.unit)
        return unit if program.units[unit].kind in ("function", "lambda") else -1

    def _library(self, index: int) -> bool:
        """Whether a value is a module, of a library or of the repository."""
        step = self._import(index)
        if step is None and isinstance(self._steps[index], facts.Attribute):
            return self._library(self._steps[index].base)  # type: ignore[union-attr]
        return step is not None and (not step.name or step.name[:1].islower())

    def _import(self, index: int) -> facts.Import | None:
        step = self._steps[index] if index != NONE else None
        if isinstance(step, facts.Load):
            return self._import_of(step.name)
        return step if isinstance(step, facts.Import) else None

    def _import_of(self, name: str) -> facts.Import | None:
        """The import that binds a name of the module."""
        program = self._words.machine.program
        module = program.module_unit(self._file)
        place = program.exports(module).get(name, NONE)
        step = self._words.body(module)[place] if place != NONE else None
        return step if isinstance(step, facts.Import) else None

    def _name(self, index: int) -> str:
        """The name of what is called; of a function of the repository with its module."""
        step, callee = self._import(index), self._steps[index]
        if step is not None and step.name:
            return self._told(step, step.name)
        if isinstance(callee, facts.Attribute):
            base = self._import(callee.base)
            return callee.name if base is None else self._told(base, callee.name)
        return callee.name if isinstance(callee, facts.Load) else "call"

    def _told(self, step: facts.Import, name: str) -> str:
        module = self._words.machine.imports.resolve(self._file, step.module, step.level)
        return f"{module.name}{forms.HERE}{name}" if isinstance(module, Module) else name

    def _is_plain(self, index: int) -> bool:
        """Whether a value is a name, of which only its columns count."""
        return isinstance(self._steps[index], _PLAIN) and not self._library(index)

    def _is_window(self, index: int) -> bool:
        """Whether a value is made of groups or windows of rows."""
        while index != NONE:
            step = self._steps[index]
            if isinstance(step, facts.Call):
                index = step.callee
            elif isinstance(step, (facts.Attribute, facts.Item)):
                if isinstance(step, facts.Attribute) and step.name in self._words.known.windows:
                    return True
                index = step.base
            else:
                return False
        return False

    def _binary(self, step: facts.Binary | facts.Compare, depth: int) -> str:
        return self._words.operation(step.operator, self.form(step.left, depth), self.form(step.right, depth))

    def _unary(self, step: facts.Unary, depth: int) -> str:
        operand = self._steps[step.operand]
        if step.operator == "-" and isinstance(operand, facts.Const) and isinstance(operand.value, (int, float)):
            return forms.constant(-operand.value)
        return self._words.operation("not" if step.operator == "~" else step.operator, self.form(step.operand, depth))

    def _choice(self, step: facts.Choice, depth: int) -> str:
        parts = [self.form(one, depth) for one in (step.condition, step.then, step.otherwise)]
        return forms.operation("choose", *parts)

    def _collection(self, step: facts.Collection, depth: int) -> str:
        items = [self.form(one, depth) for one in step.items[:40]]
        if step.kind == "dict":
            keys = [self.form(one, depth) for one in step.keys[:40]]
            items = [forms.operation("pair", *pair) for pair in zip(keys, items, strict=True)]
        return forms.operation(step.kind, *items)

    def _comprehended(self, step: facts.Comprehended, depth: int) -> str:
        return forms.operation("each", self.form(step.item, depth))

    def _phi(self, step: facts.Phi, depth: int) -> str:
        found = sorted({self.form(one, depth) for one in step.values if one != NONE} - {forms.SOME})
        return found[0] if len(found) == 1 else forms.operation("either", *found[:4]) if found else forms.SOME

    def _template(self, step: facts.Template, depth: int) -> str:
        parts = [forms.constant(one) if isinstance(one, str) else self.form(one, depth) for one in step.parts]
        return forms.operation("text", *parts)

    def _define(self, step: facts.Define, depth: int) -> str:
        unit = self._words.machine.unit_of(self._file, step.unit)
        if self._words.machine.program.units[unit].kind == "class" or self._inlined >= MOST_INLINED:
            return forms.SOME
        return self._filled(unit, [])

    def _annotate(self, step: facts.Annotate, depth: int) -> str:
        return self.form(step.value, depth)

    def _element(self, step: facts.Element, depth: int) -> str:
        """One of several values, which is not known; a part of a pair that a call gives."""
        if step.index == NONE or isinstance(self._steps[step.base], facts.Element):
            return forms.named("each")
        return forms.operation("part", self.form(step.base, depth), forms.constant(step.index))

    def _slice(self, step: facts.Slice, depth: int) -> str:
        parts = [self.form(one, depth) for one in (step.lower, step.upper, step.stride)]
        return forms.operation("slice", *parts)


_MAKERS: Mapping[type, Any] = {
    facts.Const: Computing._const, facts.Param: Computing._param, facts.Load: Computing._load,
    facts.Attribute: Computing._attribute, facts.Item: Computing._item, facts.Call: Computing._call,
    facts.Binary: Computing._binary, facts.Compare: Computing._binary, facts.Unary: Computing._unary,
    facts.Choice: Computing._choice, facts.Collection: Computing._collection,
    facts.Comprehended: Computing._comprehended, facts.Phi: Computing._phi, facts.Template: Computing._template,
    facts.Define: Computing._define, facts.Annotate: Computing._annotate, facts.Element: Computing._element,
    facts.Slice: Computing._slice,
}  # fmt: skip
