"""What known library calls mean: rows of `rules/catalogue/*.toml`, looked up by name and kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import tomli

from mldebt.roles import Role
from mldebt.rows import Row, row_of
from mldebt.slots import listed
from mldebt.tasking import Tasking, parse_tasking
from mldebt.wildcards import fits


class CatalogueError(ValueError):
    """Rows that cannot be used; the message lists every error with its file."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Methods that a framework calls on subclasses of `base`, and functions that it calls in files
    that import `base`, or in any file for `*`. `registers`: the base keeps a list of its subclasses.
    `imports`: the framework imports the files they stand in by itself. `makes`: what the methods are, as a decorator
    may make a function."""

    base: str
    methods: frozenset[str]
    functions: frozenset[str] = frozenset()
    registers: bool = False
    imports: bool = False
    makes: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The kinds of the dictionaries in which programs keep their settings, the attributes that are such ones, the
    methods, other than those of all dictionaries, that put something there, and how keys are called that libraries
    read or set by themselves."""

    kinds: frozenset[str]
    attributes: frozenset[str]
    methods: frozenset[str]
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows, indexed. Lookups give rows in the order in which their conditions are tried.
    `runners` are programs that run the file or module they are given, `copiers` the words that begin a command which
    copies what it names first to what it names last, `downloaders` those of one that fetches a data set of a hub,
    `launched_with` the options that what starts scripts gives them by itself.
    `run_folders` are folders of machines that live for one run,
    `mounts` those under which all machines that run a library find the same stores.
    `taskings` tell of decorators what task they make of a function.
    `own_scores` are attributes that tell by which score a search picked;
    `sums` are methods and attributes that make one number of a column and of an array alike,
    `method_names` are the names of all method rows, and of what a class is asked for, `eventful` those that do more
    than give a value, with the least number of arguments with which they do, `learning` those that fit and are
    called so for nothing else, `in_place` those that are asked to change what they are called on. `dialects` are those
    of SQL that kinds of values speak, `table_functions` those
    functions of SQL that stand for a file;
    `objects` are names that are read and not called, with the kind of what they are. `kept` tells of the
    dictionaries in which programs keep their settings, `variables` how those of the environment are called that
    libraries and programs read by themselves, `given_variables` those that what runs a program gives it in each run.
    `sql_dialect` is what the project says of all its SQL."""

    calls: Mapping[str, tuple[Row, ...]]
    patterns: Mapping[str, tuple[tuple[str, Row], ...]]
    methods: Mapping[tuple[str, str], tuple[Row, ...]]
    distinctive: Mapping[str, tuple[Row, ...]]
    decorators: Mapping[str, str]
    taskings: Mapping[str, Tasking]
    classes: Mapping[str, tuple[str, ...]]
    hooks: tuple[Hook, ...]
    aliases: Mapping[str, str]
    packages: frozenset[str]
    method_names: frozenset[str]
    learning: frozenset[str]
    in_place: Mapping[str, tuple[Row, ...]]
    own_scores: frozenset[str]
    sums: frozenset[str]
    runners: frozenset[str]
    copiers: frozenset[str]
    downloaders: frozenset[str]
    launched_with: frozenset[str]
    run_folders: frozenset[str]
    mounts: Mapping[str, tuple[str, ...]]
    eventful: Mapping[str, int]
    dialects: Mapping[str, str]
    table_functions: frozenset[str]
    objects: Mapping[str, str]
    kept: Kept
    variables: tuple[str, ...]
    given_variables: tuple[str, ...]
    digest: str
    sql_dialect: str = ""

    def canonical(self, name: str) -> str:
        """The name under which rows are written, for a re-exported one."""
        if name.partition(".")[0] not in self.packages:
            return name
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            target = self.aliases.get(".".join(parts[:length]))
            if target is not None:
                return ".".join([target, *parts[length:]])
        return name

    def kinds(self) -> frozenset[str]:
        """The kinds of values that rows of calls give, or rows of methods speak of."""
        given = {kind for rows in self.calls.values() for row in rows for kind in row.result}
        return frozenset({*given, *(kind for kind, _ in self.methods)})

    def names_of(self, stem: str) -> frozenset[str]:
        """The attributes whose kinds begin with a stem."""
        named = ((name, row.result) for (_, name), rows in self.methods.items() for row in rows if row.result)
        return frozenset(name for name, result in named if result[0].startswith(stem))

    def of_call(self, name: str) -> tuple[Row, ...]:
        """Rows of a callable or class by its full dotted name; exact ones before wildcards."""
        exact = self.calls.get(name)
        if exact is not None:
            return exact
        depth = name.count(".")
        matches = self.patterns.get(name.partition(".")[0], ())
        found = [
            (pattern.count("*"), -len(pattern), row)
            for pattern, row in matches
            if pattern.count(".") == depth and fits(name, pattern)
        ]
        found.sort(key=lambda entry: entry[:2])
        return tuple(row for _, _, row in found)

    def of_method(self, kind: str, name: str) -> tuple[Row, ...]:
        """Rows of a method or attribute of a kind of value, the most specific kind first; `*` is any other method."""
        while kind:
            rows = self.methods.get((kind, name)) or self.methods.get((kind, "*"))
            if rows is not None:
                return rows
            kind = kind.rpartition(".")[0]
        return ()

    def hook_methods(self, bases: Iterable[str]) -> frozenset[str]:
        """The methods that frameworks call on a class with these library bases, or on any."""
        names = (*bases, "builtins.object")
        found = [hook.methods for hook in self.hooks if any(fits(name, hook.base) for name in names)]
        return frozenset().union(*found)

    def method_made(self, bases: Iterable[str], method: str) -> str:
        """What a method of a class with these library bases is; empty where it is just called."""
        names = tuple(bases)
        making = (hook for hook in self.hooks if hook.makes and method in hook.methods)
        return next((hook.makes for hook in making if any(fits(name, hook.base) for name in names)), "")

    def hook_functions(self, packages: Iterable[str]) -> frozenset[str]:
        """The functions that frameworks call in a file that imports these packages."""
        known = frozenset((*packages, "*"))
        return frozenset().union(*(hook.functions for hook in self.hooks if hook.base in known))

    def registers(self, bases: Iterable[str]) -> bool:
        """Whether a framework finds the subclasses of one of these library classes by itself."""
        wanted = [hook.base for hook in self.hooks if hook.registers]
        return any(fits(name, base) for name in bases for base in wanted)

    def imports(self, bases: Iterable[str]) -> bool:
        """Whether a framework imports the files in which subclasses of one of these library classes stand."""
        wanted = [hook.base for hook in self.hooks if hook.imports]
        return any(fits(name, base) for name in bases for base in wanted)

    def is_given_by_a_run(self, variable: str) -> bool:
        """Whether what runs a program gives it a variable of the environment in each run, by its name."""
        return any(fits(variable, pattern) for pattern in self.given_variables)

    def makes(self, name: str) -> str:
        """What a decorator makes of a function: endpoint, task, ...; empty when unknown."""
        return self.decorators.get(name, "")

    def decorator_of(self, kind: str, name: str) -> str:
        """The full name of the decorator that is method `name` of a value of this kind, if it is one."""
        while kind:
            for owner in self.classes.get(kind, ()):
                if f"{owner}.{name}" in self.decorators:
                    return f"{owner}.{name}"
            kind = kind.rpartition(".")[0]
        return ""


def load(own: Iterable[tuple[str, bytes]] = ()) -> Catalogue:
    """The shipped rows and those of a project, documents as (name, content). Raises `CatalogueError` naming every
    bad row."""
    shipped = files("mldebt.rules").joinpath("catalogue")
    documents = sorted((entry.name, entry.read_bytes()) for entry in shipped.iterdir() if entry.name.endswith(".toml"))
    return parse([*own, *documents])


def parse(documents: Iterable[tuple[str, bytes]]) -> Catalogue:
    """Rows from TOML documents, given as (name, content). Earlier documents win."""
    reader = _Reader()
    for name, content in documents:
        try:
            reader.read(name, tomli.loads(content.decode()))
        except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
            reader.errors.append(f"{name}: {error}")
    if reader.errors:
        raise CatalogueError("\n".join(reader.errors))
    return reader.catalogue()


class _Reader:
    """Collects rows, and every error in them, until `catalogue` indexes them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.decorators: dict[str, str] = {}
        self.taskings: dict[str, Tasking] = {}
        self.hooks: list[Hook] = []
        self.aliases: dict[str, str] = {}
        self.packages: set[str] = set()
        self.runners: set[str] = set()
        self.variables: set[str] = set()
        self.given_variables: set[str] = set()
        self.copiers: set[str] = set()
        self.downloaders: set[str] = set()
        self.launched_with: set[str] = set()
        self.run_folders: set[str] = set()
        self.mounts: dict[str, tuple[str, ...]] = {}
        self.table_functions: set[str] = set()
        self.errors: list[str] = []

    def read(self, name: str, document: Mapping[str, Any]) -> None:
        library = str(document.get("library", name))
        self.packages |= set(document.get("packages", ()))
        self.runners |= set(document.get("runners", ()))
        self.variables |= set(document.get("variables", ()))
        self.given_variables |= set(document.get("given_variables", ()))
        self.copiers |= set(document.get("copiers", ()))
        self.downloaders |= set(document.get("downloaders", ()))
        self.launched_with |= set(document.get("launched_with", ()))
        self.run_folders |= set(document.get("run_folders", ()))
        self.mounts |= {library: tuple(document["mounts"])} if "mounts" in document else {}
        self.table_functions |= set(document.get("table_functions", ()))
        self.aliases |= {k: v for k, v in document.get("aliases", {}).items() if k not in self.aliases}
        for form in ("call", "method", "class"):
            for entry in document.get(form, ()):
                self._row(name, library, form, entry)
        for entry in document.get("decorator", ()):
            self._decorator(name, entry)
        for entry in document.get("hook", ()):
            for base in listed(entry.get("base")):
                methods, functions = (frozenset(entry.get(key, ())) for key in ("methods", "functions"))
                registers, imports = (bool(entry.get(key, False)) for key in ("registers", "imports"))
                makes = str(entry.get("makes", ""))
                self.hooks.append(Hook(base, methods, functions, registers or imports, imports, makes))

    def _decorator(self, file: str, entry: Mapping[str, Any]) -> None:
        try:
            tasking = parse_tasking(entry.get("task"))
        except (ValueError, TypeError) as error:
            self.errors.append(f"{file}: [[decorator]] {entry.get('name')}: {error}")
            return
        for decorator in listed(entry.get("name")):
            self.decorators.setdefault(decorator, str(entry.get("makes", "")))
            if tasking is not None:
                self.taskings.setdefault(decorator, tasking)

    def _row(self, file: str, library: str, form: str, entry: Mapping[str, Any]) -> None:
        try:
            self.rows.append(row_of(library, form, entry))
        except (ValueError, TypeError, KeyError) as error:
            self.errors.append(f"{file}: [[{form}]] {entry.get('name')}: {error}")

    def catalogue(self) -> Catalogue:
        calls: dict[str, list[Row]] = {}
        patterns: dict[str, list[tuple[str, Row]]] = {}
        methods: dict[tuple[str, str], list[Row]] = {}
        distinctive: dict[str, list[Row]] = {}
        classes: dict[str, list[str]] = {}
        for row in self.rows:
            if row.form != "method" and row.result:
                classes.setdefault(row.result[0], []).extend(row.names)
            for name in row.names:
                if row.form == "method":
                    for kind in row.kinds:
                        methods.setdefault((kind, name), []).append(row)
                    if row.distinctive:
                        distinctive.setdefault(name, []).append(row)
                elif "*" in name:
                    patterns.setdefault(name.partition(".")[0], []).append((name, row))
                else:
                    calls.setdefault(name, []).append(row)
        return Catalogue(
            calls={name: tuple(rows) for name, rows in calls.items()},
            patterns={name: tuple(rows) for name, rows in patterns.items()},
            methods={key: tuple(rows) for key, rows in methods.items()},
            distinctive={name: tuple(rows) for name, rows in distinctive.items()},
            decorators=self.decorators,
            taskings=self.taskings,
            classes={kind: tuple(dict.fromkeys(names)) for kind, names in classes.items()},
            hooks=tuple(self.hooks),
            aliases=self.aliases,
            packages=frozenset(self.packages),
            method_names=frozenset(name for _, name in methods) | _of_classes(self.rows),
            learning=_learning(methods),
            in_place=_in_place(methods),
            own_scores=frozenset(name for (_, name), rows in methods.items() if OWN_SCORE in rows[0].traits),
            sums=_sums(methods),
            runners=frozenset(self.runners),
            copiers=frozenset(self.copiers),
            downloaders=frozenset(self.downloaders),
            launched_with=frozenset(self.launched_with),
            run_folders=frozenset(self.run_folders),
            mounts=self.mounts,
            eventful=_eventful(methods),
            dialects={kind: row.dialect for (kind, _), rows in methods.items() for row in rows if row.dialect},
            table_functions=frozenset(self.table_functions),
            objects={name: row.object for name, rows in calls.items() for row in rows if row.object},
            kept=_kept(methods),
            variables=tuple(sorted(self.variables)),
            given_variables=tuple(sorted(self.given_variables)),
            digest="",
        )


def _kept(methods: Mapping[tuple[str, str], list[Row]]) -> Kept:
    putting = {key for key, rows in methods.items() if any(row.op == _PUTS for row in rows)}
    kinds = frozenset(kind for kind, _ in putting)
    puts = [row for key in putting for row in methods[key]]
    giving = ((name, row) for (_, name), rows in methods.items() for row in rows if row.result)
    return Kept(
        kinds=kinds,
        attributes=frozenset(name for name, row in giving if row.result[0] in kinds),
        methods=frozenset(name for _, name in putting if name not in _OF_DICTS),
        own=frozenset(name for row in puts for name in row.own),
    )


def _of_classes(rows: Iterable[Row]) -> frozenset[str]:
    """The names of calls that a class is asked for, be it only known by whoever comes with it."""
    asked = (row for row in rows if row.form == "call" and any(slot.receiver for slot in row.target))
    return frozenset(name.rpartition(".")[2] for row in asked for name in row.names)


def _eventful(methods: Mapping[tuple[str, str], list[Row]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, name), rows in methods.items():
        for row in rows:
            if _acts(row):
                # Without any argument such a call reaches no place: `x.copy()` is no copy of a file.
                needed = int(any(not slot.receiver for slot in row.target))
                found[name] = min(found.get(name, 1), needed)
    return found


def _learning(methods: Mapping[tuple[str, str], list[Row]]) -> frozenset[str]:
    """The names of methods that fit what they are called on, whatever that is."""
    fits = {name for (_, name), rows in methods.items() if all(row.role in _LEARNS for row in rows)}
    others = {name for (_, name), rows in methods.items() if any(row.role not in _LEARNS for row in rows)}
    return frozenset(fits - others - _OF_DICTS - frozenset(dir(list)))


def _in_place(methods: Mapping[tuple[str, str], list[Row]]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, tuple[Row, ...]] = {}
    for (_, name), rows in methods.items():
        asked = tuple(row for row in rows if row.when and any(slot.receiver for slot in row.mutates))
        found[name] = (*found.get(name, ()), *asked)
    return {name: rows for name, rows in found.items() if rows}


def _sums(methods: Mapping[tuple[str, str], list[Row]]) -> frozenset[str]:
    of: dict[str, set[str]] = {"column": set(), "array": set()}
    for (kind, name), rows in methods.items():
        if rows[0].result[:1] == ("number",) and (stem := kind.partition(".")[0]) in of:
            of[stem].add(name)
    return frozenset(of["column"] & of["array"])


def _acts(row: Row) -> bool:
    """Whether a method does more than give a value: its call matters even when the value is unused."""
    acting = bool(row.orders) or _SETS_LATER in row.traits or (bool(row.op) and row.op not in _GIVING)
    return acting or bool(row.mutates or row.random) or row.role not in (None, Role.DERIVE, Role.LOG, Role.INSPECT)


OWN_SCORE = "own-score"
_SETS_LATER = "sets-later"
_LEARNS = frozenset({Role.FIT, Role.SEARCH, Role.FIT_TRANSFORM})
_PUTS = "settings.put"
_OF_DICTS = frozenset(dir(dict))
_GIVING = frozenset({
    "same", "copy", "items", "values", "keys", "enumerate", "zip", "range", "type.convert", "format", "split.text",
    "text.change", "dict.get", "path.join", "path.new", "path.parent", "path.name", "path.text", "path.stem",
    "path.with", "path.home", "exists", "attributes",
})  # fmt: skip
"""The intrinsics that give a value and change nothing."""
