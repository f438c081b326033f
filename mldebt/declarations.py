"""What files other than code say, by themselves: settings, commands and tasks, requirements. Parts of `FileFacts`."""

from __future__ import annotations

import msgspec


class Setting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One key of a settings file. `key` is the path to it, sequence positions as digits.
    `value` is the scalar as text (`None` for null); containers have kind map or list."""

    key: tuple[str, ...]
    value: str | None
    kind: str  # text, number, bool, null, map, list
    start: int
    end: int


class Expression(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A key of a settings file whose value is worked out from others: `uses` are their names, with dots."""

    key: tuple[str, ...]
    uses: tuple[str, ...]
    start: int
    end: int


class Command(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line of shell, continuations joined. Variables of Make are put in as far as they are known."""

    text: str
    start: int
    end: int


class Port(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a step is declared to take (`slot` in) or to give (out): a path from the step's folder, with `{NAME}` for
    what is not known of it."""

    path: str
    slot: str
    start: int
    end: int


class Given(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A parameter that a step is declared to have; `value` is its text, None where it stands elsewhere (`file` is the
    settings file then, if one is named)."""

    name: str
    value: str | None
    start: int
    end: int
    file: str = ""


class Mount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file or folder of the repository (`source`) that a container has at another path (`target`); `live`: what is
    written there is written here."""

    source: str
    target: str
    live: bool
    start: int
    end: int


class Task(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step that a file declares: a target of Make, a stage, a job, a service, or a whole shell script (no name).

    `commands` run in order; `needs` are the names of what runs before it. `folder` is where the commands
    run, from the folder of the file; a path that begins with `/` is one of a container. `build` names the file that
    tells of the container, or component, that runs them; `context` the folder it is built in, `stage` which stage of
    that file is meant, if not the last. `tries`: it is run before a change is taken in, to see whether the code still
    works.
    """

    name: str
    needs: tuple[str, ...]
    commands: tuple[Command, ...]
    start: int
    end: int
    ports: tuple[Port, ...] = ()
    given: tuple[Given, ...] = ()
    mounts: tuple[Mount, ...] = ()
    folder: str = ""
    build: str = ""
    context: str = ""
    tries: bool = False
    stage: str = ""


class Requirement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A package that a file asks for, or that a lock file holds.

    `pinned`: one version, one minor version (`==1.2.*`), or a fixed archive or commit. `group` is
    empty for what is always installed; else `extra:NAME`, `group:NAME`, or `constraint` for what
    bounds a version and installs nothing. `source`: url, path (a folder or file here), empty for an
    index; the address itself is not kept. `hashed`: digests stand with it.
    """

    name: str
    specifier: str
    pinned: bool
    start: int
    end: int
    group: str = ""
    marker: str = ""
    source: str = ""
    hashed: bool = False


class Reference(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Another file that a file of requirements, or an install command, takes in: `kind` is requirements
    or constraints; `project` for a folder or list that a container installs without the lock file beside it;
    `image` for what a container is built from, whose `path` is the image's name."""

    path: str
    kind: str
    start: int
    end: int


class Relation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a statement of SQL takes rows from or puts them: `use` is read, write, make (a table is
    defined without rows), tell (a template names it, and what becomes of it there is not known) or local (a name
    that only the program knows, as linking finds out).

    `form`: table (`name` as written, with dots, without quotes), quoted (a name between quotes,
    often a file), file, call (a table function: `name` its name, `given` its first text), ref,
    source and this (of a template: a model, a declared source, the model itself). Parts that a template fills in
    stand in braces.
    """

    name: str
    use: str
    form: str
    start: int
    end: int
    given: str = ""


class Origin(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column that another one is made of: of a relation (its position in the statement), or, with
    `relation` negative, the column made in the statement at the position `made`."""

    relation: int
    column: str
    made: int = -1


class MadeColumn(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column that a projection computes or renames. `scope` is the common table expression it
    belongs to, empty in what the statement gives; `given` tells that the statement gives it, `idle` that nothing in
    the statement uses it, `asked` that a condition, group or order does, and `renames` that it only gives a column of a
    table another name or kind. `form` is the normal form of what it is computed as, `rows` that of the condition on the
    rows that an aggregate takes; `folds` tells that it is one."""

    name: str
    scope: str
    origins: tuple[Origin, ...]
    start: int
    end: int
    given: bool = False
    idle: bool = False
    renames: bool = False
    form: str = ""
    rows: str = ""
    asked: bool = False
    folds: bool = False


class Twin(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column that a statement gives and that holds what another one holds: `unit` is the factor and the constant
    by which it measures. `ranges`: it only tells in which range that lies, by the same expression written again."""

    name: str
    unit: tuple[float, float]
    start: int
    end: int
    ranges: bool = False


class Bound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A condition that compares a column with something that does not come from a table: `kind` is date (a
    literal), parameter, now, or value. A limit, a sample and a sum are values that bound no column."""

    column: str
    kind: str
    value: str
    start: int
    end: int


class Statement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One statement of SQL: `kind` is its first word; include for a line that runs another file, template for what a
    template names and no statement reads, comment for one that is commented out.

    `columns` are made in it; `gives` are the names of the columns that come out, with the origins of
    each; `stars` the places of `*` in projections, and `open` that more columns come out than are
    named. `joins` counts joins, `dates` are the dates that stand in it as literals, with their places; `alike` are the
    columns that it gives more than once, `asks` those of relations that its conditions use; where no relation is told
    it may be any of that name, `*` any at all.
    """

    kind: str
    start: int
    end: int
    relations: tuple[Relation, ...] = ()
    columns: tuple[MadeColumn, ...] = ()
    gives: tuple[tuple[str, tuple[Origin, ...]], ...] = ()
    bounds: tuple[Bound, ...] = ()
    stars: tuple[int, ...] = ()
    open: bool = False
    joins: int = 0
    dates: tuple[tuple[str, int, int], ...] = ()
    alike: tuple[tuple[Twin, ...], ...] = ()
    asks: tuple[Origin, ...] = ()


class Credential(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A secret that stands in a file; the secret itself is not kept.

    `form` is what it is by its form (the words of a form, `password in a URL`), or empty for one that is
    known by `name`, what it is bound to. `strength`: known (by its form), strong, plain, weak. `local`: it is for
    a service of the same machine or network. `where` is output for what a notebook shows, fallback for what a
    variable of the environment comes before, or empty. `mark` tells equal ones from others, and is too short to find
    out more. `start` and `end` are the place of the value; in a notebook what stands outside of code has a `cell` and a
    `line` of the file.
    """

    form: str
    name: str
    strength: str
    start: int
    end: int
    local: bool = False
    where: str = ""
    mark: str = ""
    cell: int = 0
    line: int = 0


class Embedded(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A program that stands inside a text of shell: handed to the program named, or written to a file.
    `lines` are those that say something, `imports` the first words of what it imports in Python."""

    program: str
    file: str
    lines: int
    start: int
    end: int
    imports: tuple[str, ...] = ()
