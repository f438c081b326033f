"""Functions, classes and modules, and who names them."""

from __future__ import annotations

import posixpath
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from mldebt.facts import NONE, Const, Enter, Import, Raise, Return, Show, Stop
from mldebt.graph.code import Definition
from mldebt.link.components import Components
from mldebt.link.hooks import Hooks
from mldebt.link.imported import unfound
from mldebt.link.kinds import offers_application
from mldebt.link.machine import Machine
from mldebt.link.mentioned import Mentioned, Mentions
from mldebt.link.ml_work import ml_events, ml_units
from mldebt.link.spoken import strings, tails, written
from mldebt.link.unnamed import searched, walked
from mldebt.link.values import Alt, Code, Place, Value
from mldebt.link.warehouse import models_in_code
from mldebt.source import Purpose, Span

_MOST_ABSTRACT = 24
_MOST_USERS = 200
_MOST_IMPORTS = 8
_CODE = ".py"
_CALLED, _GIVEN, _ENDPOINT = "call.given", "given", "endpoint"
_PACKAGE = "__init__.py"
_ENTRY_FILES = frozenset({
    "__init__.py", "__main__.py", "conftest.py", "setup.py", "hubconf.py", "noxfile.py", "fabfile.py", "tasks.py",
    "dodo.py", "manage.py", "wsgi.py", "asgi.py", "sitecustomize.py", "handler.py", "lambda_function.py",
})  # fmt: skip


class Definitions:
    """What of one linking is defined where, and by whom it is named."""

    def __init__(self, machine: Machine, components: Components, mentions: Mentions) -> None:
        self._machine, self._components = machine, components
        self._strings = strings(machine)
        self._spelled = {name: [at for at in said if not self._in_test(at)] for name, said in self._strings.items()}
        self._said = Mentioned(machine, mentions)
        self._users = _users(machine)
        self._loose = lru_cache(maxsize=None)(lambda name: self._few(machine.noted.loose.get(name, ())))
        self._of_unknown = lru_cache(maxsize=None)(lambda name: self._few(machine.noted.asked_of_unknown.get(name, ())))
        self._attributes = lru_cache(maxsize=None)(lambda name: self._few(machine.noted.attributes.get(name, ())))
        self._written = lru_cache(maxsize=None)(lambda file: written(machine, file, outside=False))
        self._asked = lru_cache(maxsize=None)(lambda file: written(machine, file, outside=True))
        self._described = machine.catalogue.packages | sys.stdlib_module_names
        self._models = models_in_code(machine.program)
        self._hooks = Hooks(machine, self._models, self._described)
        self._family = lru_cache(maxsize=None)(self._relatives)
        self._inner = machine.program.inner_units()
        self._unfound = unfound(machine, self._described)
        self.id = lru_cache(maxsize=None)(self._id)
        events = ml_events(machine)
        self._ml = ml_units(machine, events)
        # Code compares all kinds of things with numbers: that alone makes no module one of ML.
        self._ml_files = {machine.program.file_of[event.unit] for event in events if event.what != "decide"}
        self._given = _calls_of_given(machine)
        self._walked = walked(machine)
        self._searched = searched(machine) | self._walked
        test = (machine.program.is_test[machine.program.module_unit(file)] for file in machine.noted.naming)
        self._any_class = not all(test)  # code makes objects of whatever class it is told the name of

    def all(self) -> tuple[Definition, ...]:
        """All definitions but nested ones, in order of their places."""
        program = self._machine.program
        found = [self._module(file) for file in range(len(program.facts)) if program.module_unit(file) >= 0]
        found += [
            self._named_only(unit) if self._machine.is_test(unit) else self._definition(unit)
            for unit, info in enumerate(program.units)
            if info.kind in ("function", "class") and self._owner_kind(unit) in ("module", "class")
        ]
        return tuple(sorted(found, key=lambda one: (one.path, one.at, one.id)))

    def holder(self, unit: int) -> int:
        """The unit of the definition, or module, that holds a unit."""
        while self._machine.info(unit).kind == "lambda" or self._owner_kind(unit) in ("function", "lambda"):
            unit = self._machine.program.parent(unit)
        return unit

    def _id(self, unit: int) -> str:
        """The id of the definition that holds a unit."""
        unit = self.holder(unit)
        info, path = self._machine.info(unit), self._machine.program.path_of(unit)
        return f"module:{path}" if info.kind == "module" else f"{info.kind}:{path}:{info.id}"

    def is_ml(self, unit: int) -> bool:
        """Whether the own code of a definition holds steps with a role."""
        return unit in self._ml

    def users(self, unit: int) -> frozenset[int]:
        """The units outside a definition that name it."""
        info = self._machine.info(unit)
        noted, named = self._machine.noted, self._few(self._machine.references.get(unit, ()))
        owner, function = self._machine.program.parent(unit), info.kind == "function"
        if self._machine.info(owner).kind == "module":
            named = frozenset(user for user in named if not self._only_imports(user, unit))
        named |= self._users.get(unit, set()) | self._loose(info.name)
        if not function or self._machine.info(owner).kind != "module" or self._may_be_asked(unit):
            named |= self._of_unknown(info.name)
        if self._machine.info(owner).kind == "class":
            named |= self._attributes(info.name)
            named = named.union(*(noted.own.get((other, info.name), set()) for other in self._family(owner)))
            if not named and info.name.startswith("_"):  # said in code that no run is known to come by
                named |= self._asked(self._machine.program.file_of[unit]).get(info.name, set())
        if not named and self._machine.info(owner).kind == "module":
            file = self._machine.program.file_of[unit]
            importers = sorted(noted.imported.get(file, set()) - {file})[:_MOST_USERS]
            abroad = sorted(self._unfound.get(_stem(self._machine.program.path_of(unit)), ()))[:_MOST_USERS]
            asked = self._asked if self._may_be_asked(unit) or not function else self._written
            said = (self._written(file), *map(asked, importers), *map(self._asked, abroad))
            named |= frozenset().union(*(names.get(info.name, set()) for names in said))
        return frozenset(named.difference((unit,), self._inner.get(unit, ())))

    def _only_imports(self, user: int, unit: int) -> bool:
        """Whether a module of another file takes a function and does nothing with it, or a package what it offers; that
        it is offered is told apart."""
        machine, file = self._machine, self._machine.program.file_of[user]
        path, offered = machine.program.sources[file].path, machine.program.facts[file].all_names
        name = posixpath.basename(path)
        if machine.info(user).kind != "module" or file == machine.program.file_of[unit] or machine.is_test(user):
            return False
        if name != _PACKAGE and (name in _ENTRY_FILES or machine.info(unit).kind == "class" or _CODE not in name):
            return False
        bound = {step.bound for step in self._imports(user, unit)}
        kept = name != _PACKAGE and not bound.isdisjoint(offered)
        return bool(bound) and bound.isdisjoint(self._asked(file)) and not kept

    def _imports(self, user: int, unit: int) -> list[Import]:
        wanted, steps = self._machine.info(unit).name, self._machine.program.body(user)
        return [step for step in steps if isinstance(step, Import) and step.name == wanted]

    def _imported_at(self, unit: int) -> tuple[Span, ...]:
        """Where modules import a function and do nothing with it: whoever removes it has to look there."""
        file_of, users = self._machine.program.file_of, self._few(self._machine.references.get(unit, ()))
        takers = [user for user in users if self._only_imports(user, unit)]
        places = [(file_of[user], step.start, step.end) for user in takers for step in self._imports(user, unit)]
        return self._machine.program.spans(places, _MOST_IMPORTS)

    def _may_be_asked(self, unit: int) -> bool:
        """Whether what nobody knows may be the module of a function: somebody holds it."""
        file = self._machine.program.file_of[unit]
        return file in self._machine.noted.held or file in self._searched

    def _few(self, units: Collection[int]) -> frozenset[int]:
        """Some of many units, of production and of tests: a name such as `get` stands everywhere."""
        if len(units) <= _MOST_USERS:
            return frozenset(units)
        tests = {unit for unit in units if self._machine.is_test(unit)}
        return frozenset(part for kind in (tests, set(units) - tests) for part in sorted(kind)[:_MOST_USERS])

    def _relatives(self, owner: int) -> tuple[int, ...]:
        """A class and those above and below it: `self.name` in one may mean what another defines."""
        found, todo = {owner: None}, [owner]
        while todo:
            unit = todo.pop()
            bases = [base.unit for base in self._machine.bases.get(unit, ()) if isinstance(base, Code)]
            for other in (*bases, *self._hooks.subclasses.get(unit, ())):
                if other not in found and len(found) < 64:
                    found[other] = None
                    todo.append(other)
        return tuple(found)

    def _owner_kind(self, unit: int) -> str:
        parent = self._machine.program.parent(unit)
        return "" if parent < 0 else self._machine.info(parent).kind

    def _named_by(self, units: Iterable[int], *, tests: bool) -> tuple[str, ...]:
        is_test = self._machine.program.is_test
        return tuple(sorted({self.id(unit) for unit in units if is_test[unit] is tests}))

    def _named_only(self, unit: int) -> Definition:
        """A definition of test code: nobody asks more of it than what it is and where."""
        machine, info, path = self._machine, self._machine.info(unit), self._machine.program.path_of(unit)
        kind = "method" if info.kind == "function" and self._owner_kind(unit) == "class" else info.kind
        return Definition(
            id=self.id(unit), kind=kind, name=info.id, path=path, at=machine.program.unit_span(unit),
            end_line=_last_line(machine, unit), purpose=Purpose.TEST, component=self._components.of(path),
        )  # fmt: skip

    def _definition(self, unit: int) -> Definition:
        machine, info = self._machine, self._machine.info(unit)
        owner = machine.program.parent(unit)
        method = info.kind == "function" and machine.info(owner).kind == "class"
        users = self.users(unit)
        spoken = self._spoken(info.name, unit) or unit in machine.noted.passed
        spoken = spoken or machine.program.file_of[unit] in self._searched or self._hooks.is_registered(unit)
        path, file = self._machine.program.path_of(unit), machine.program.file_of[unit]
        entry = machine.info(owner).kind == "module" and posixpath.basename(path) in _ENTRY_FILES
        spoken = spoken or (entry and info.kind == "function")
        used_by = self._named_by(users, tests=False)
        return Definition(
            id=self.id(unit),
            kind="method" if method else info.kind,
            name=info.id,
            path=path,
            at=machine.program.unit_span(unit),
            end_line=_last_line(machine, unit),
            purpose=machine.program.purpose(unit),
            component=self._components.of(path),
            used_by=(*used_by, *(("text",) if self._is_told(info.name) or (spoken and not used_by) else ())),
            test_used_by=self._named_by(users | self._put_in_place(info.name), tests=True),
            made=(*self._made(unit), *self._hooks.as_handler(unit), *self._hooks.as_command(unit)),
            hooked=self._hooks.is_hooked(unit),
            exported=entry or info.name in machine.program.facts[file].all_names or _re_exported(machine, unit),
            ml=unit in self._ml,
            abstract=info.kind == "function" and _is_abstract(machine, unit),
            overrides=method and self._hooks.overrides(owner, info.name),
            told=(self._any_class and info.kind == "class")
            or (_is_coined(info.name) and self._said.shows(info.name, path)),
            parameters=tuple(parameter.name for parameter in info.parameters),
            imported_at=() if users or machine.info(owner).kind != "module" else self._imported_at(unit),
        )

    def _made(self, unit: int) -> tuple[str, ...]:
        made = self._machine.made.get(unit, ())
        kinds = [_decorator(one.what, one.callee) for one in made]
        kinds += [_GIVEN for one in made if one.what == _ENDPOINT and self._is_given_more(one.at)]
        if "decorated" in self._machine.info(unit).flags and not made:
            kinds.append("?")
        return tuple(kinds)

    def _is_given_more(self, decorator: Place) -> bool:
        """Whether a decorator names functions that are called before its own, as those that ask who it is."""
        file, start, end = decorator
        return any(start <= begin <= stop <= end for _, begin, stop in self._given.get(file, ()))

    def _in_test(self, place: Place) -> bool:
        unit = self._machine.program.module_unit(place[0])
        return unit >= 0 and self._machine.is_test(unit)

    def _put_in_place(self, name: str) -> frozenset[int]:
        """The modules of tests whose texts say a name, as such do that put another thing in the place of a function."""
        said = self._strings.get(name, ()) if _is_coined(name) else ()
        return frozenset(self._machine.program.module_unit(at[0]) for at in said if self._in_test(at))

    def _spoken(self, name: str, unit: int) -> bool:
        """Whether a string of the code that is no list of what a module exports, or a file that can run code, says the
        name."""
        facts, file = self._machine.program.facts, self._machine.program.file_of[unit]
        info = self._machine.info(unit)
        places = (place for place in self._spelled.get(name, ()) if name not in facts[place[0]].all_names)
        return name in self._said.ends or any(
            place[0] != file or not info.start <= place[1] < info.end for place in places
        )

    def _is_told(self, name: str) -> bool:
        """Whether a text says the name that is no list of what a module exports."""
        facts = self._machine.program.facts
        return name in self._said.ends or any(name not in facts[at[0]].all_names for at in self._spelled.get(name, ()))

    def _module(self, file: int) -> Definition:
        machine = self._machine
        source, facts = machine.program.sources[file], machine.program.facts[file]
        unit = machine.program.module_unit(file)
        others = sorted(machine.noted.imported.get(file, set()) - {file})
        importers = [machine.program.module_unit(other) for other in others]
        used_by = self._named_by(importers, tests=False)
        name = posixpath.basename(source.path)
        spoken = self._is_run(source.path) or name in _ENTRY_FILES or file in self._walked
        spoken = spoken or not self._hooks.found_by_base.isdisjoint(self._machine.program.units_of(file))
        stem = source.path.rpartition(".")[0]
        spoken = spoken or posixpath.basename(stem) in self._said.lost or posixpath.basename(stem) in self._unfound
        names = {name, stem.replace("/", ".")}
        told = bool(names & self._said.told) and self._said.shown.means(source.path)
        told = told or (posixpath.basename(stem) in self._said.ends and self._said.run.means(source.path))
        return Definition(
            id=f"module:{source.path}",
            kind="module",
            name=name,
            path=source.path,
            at=Span(source.path, 1, 1, 1, 1, 1 if facts.cells else 0, 1),
            end_line=len(facts.lines),
            purpose=source.purpose,
            component=self._components.of(source.path),
            used_by=used_by or (("text",) if spoken else ("document",) if told else ()),
            test_used_by=self._named_by((*importers, *self._saying(source.path)), tests=True),
            ml=file in self._ml_files,
            runs="main-guard" in facts.flags or unit in self._ml or _acts(machine, unit)
            or offers_application(machine, unit),
            guarded="main-guard" in facts.flags,
            exported=bool(facts.cells),
        )

    def _is_run(self, path: str) -> bool:
        """Whether a file is named by its path, its name or as a dotted module in what runs code."""
        stem, name = path.rpartition(".")[0], posixpath.basename(path)
        dotted = stem.replace("/", ".")
        last = dotted.rpartition(".")[2]
        said = name in self._said.ends or last in self._said.parts
        if path in self._said.words or path in self._models or (said and self._said.run.means(path)):
            return True
        file = self._machine.program.number[path]
        infos = map(self._machine.info, self._machine.program.units_of(file))
        if last in self._said.ends and any(info.kind == "class" and info.id == last for info in infos):
            return True  # a server of models is told one name, of the module and of the class in it
        unit = self._machine.program.module_unit(file)
        inner = (f"{last}.{own}" for own in self._machine.program.exports(unit)) if last in self._strings else ()
        return any(part in self._strings for part in (path, name, dotted, f"./{path}", *tails(dotted), *inner))

    def _saying(self, path: str) -> Iterator[int]:
        """The modules in which a text says the name of a file, or the dotted one of its module."""
        dotted = path.rpartition(".")[0].replace("/", ".")
        for name in (path, posixpath.basename(path), f"./{path}", dotted, *tails(dotted)):
            for place in self._strings.get(name, ()):
                yield self._machine.program.module_unit(place[0])


def _stem(path: str) -> str:
    return posixpath.basename(path).rpartition(".")[0]


def _is_coined(name: str) -> bool:
    """Whether a name is no word of a language: it has a line or a capital within."""
    inner = name.strip("_")[1:]
    return "_" in inner or inner != inner.lower()


def made_outside(made: Iterable[str]) -> bool:
    """Whether decorators hand a function to something that calls it, or may do so."""
    return any(one not in ("transparent", "option", "check", _GIVEN) for one in made)


def _users(machine: Machine) -> dict[int, set[int]]:
    """Definitions named in defaults, annotations and bases."""
    found: dict[int, set[int]] = defaultdict(set)
    for table in (machine.defaults, machine.annotations, machine.bases):
        for unit, values in table.items():
            for value in values:
                for code in _codes(value):
                    found[code].add(unit)
    return found


def _codes(value: Value | None) -> list[int]:
    if isinstance(value, Code):
        return [value.unit]
    return [code for part in value.values for code in _codes(part)] if isinstance(value, Alt) else []


def _acts(machine: Machine, unit: int) -> bool:
    """Whether a module does something when it is run: a statement that is no definition or assignment."""
    steps = machine.program.body(unit)
    shown = (steps[step.value] for step in steps if isinstance(step, Show))
    return any(isinstance(step, Enter) for step in steps) or any(not isinstance(step, Const) for step in shown)


def _calls_of_given(machine: Machine) -> dict[int, list[Place]]:
    """The calls that name functions which are called before another, by file."""
    found: dict[int, list[Place]] = defaultdict(list)
    for place, rows in machine.noted.meant.items():
        if any(row.op == _CALLED for row in rows):
            found[place[0]].append(place)
    return found


def _decorator(what: str, callee: str) -> str:
    if what or callee in ("builtins.property", "builtins.staticmethod", "builtins.classmethod"):
        return what or "transparent"
    return "?"


def _is_abstract(machine: Machine, unit: int) -> bool:
    body = machine.program.body(unit)
    if len(body) > _MOST_ABSTRACT:
        return False
    steps = [step for step in body if not isinstance(step, Stop)]
    shown = {step.value for step in steps if isinstance(step, Show)}
    raises = {step.value for step in steps if isinstance(step, Raise)}
    if raises:
        return len(steps) <= 8 and isinstance(steps[-1], Raise)
    return all(
        isinstance(step, Show) or index in shown or type(step).__name__ in ("Param",)
        or (isinstance(step, Return) and step.value == NONE)
        for index, step in enumerate(body)
        if not isinstance(step, Stop)
    )  # fmt: skip


def _re_exported(machine: Machine, unit: int) -> bool:
    """Whether the `__init__` of a package names it: whoever imports the package can use it."""
    program = machine.program
    return any(
        program.path_of(other).endswith("__init__.py") and machine.info(other).kind == "module"
        for other in machine.references.get(unit, ())
        if program.file_of[other] != program.file_of[unit]
    )


def _last_line(machine: Machine, unit: int) -> int:
    info = machine.info(unit)
    place = (machine.program.file_of[unit], max(info.end - 1, info.start), info.end)
    return machine.program.span(place).line
