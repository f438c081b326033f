"""What checks may ask about code: definitions, branches, literals, comments. Plain values."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from mldebt.contracts import Contract
from mldebt.graph.absent_code import AbsentCode, FailingFile
from mldebt.graph.broken_imports import BrokenImport
from mldebt.graph.column_records import IdleColumn, MissingField, Twins
from mldebt.graph.copied_code import Copy
from mldebt.graph.crossing import Crossing
from mldebt.graph.environment import Environment, Imported
from mldebt.graph.fallback import Fallback
from mldebt.graph.formulas import Formula
from mldebt.graph.idle_settings import IdleSettings
from mldebt.graph.secret import Secret
from mldebt.graph.settings import DefinedSetting, Given, Overridden, SettingRead, UnreadName
from mldebt.graph.written_out import WrittenOut
from mldebt.source import Purpose, Span

SERVED = frozenset({"endpoint", "handler"})
"""What is made of functions that answer requests: by a decorator, by what is deployed."""
TOP = "."  # the component of scripts at the top of a repository
CUTTING = "cuts rows"
"""What a date is by which rows are kept, parted or measured."""
IN_A_CONTAINER = "in a container"
"""The name of a path inside of a folder that a file of a container makes."""
ON_A_MOUNT = "on a mount"
"""The name of a path under which all machines of a platform find the same store."""
OF_A_SERVICE = "of a service"
"""The name of an address at which only the services of one compose file find each other."""
MENTION = "mention"
"""The role of a text that spells a path which the code uses elsewhere."""
REGISTERED = "registered"
"""The role of a text that names a model in a registry."""
SPLITS = "splits"
"""The role of a number that a call which splits rows is given by a keyword."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, class or module, and who names it.

    `id` is the node id of a function (`function:PATH:NAME`), `class:PATH:NAME` or `module:PATH`.
    `used_by` are the ids of definitions whose code names it, itself left out; `test_used_by` those
    in test code; `text` stands for a file that runs or configures code, `document` for one that only
    tells people of a script. `made` tells what its decorators make of it (endpoint, task, command, hook,
    fixture, ...; `?` for a decorator nobody knows), `handler` that what is deployed calls it.
    `hooked`: a framework or a base class of a library calls it by its name. `exported`: in `__all__`, or imported by
    a package's `__init__`.
    `ml`: its own code holds steps with a role (reads, fits, scores, ...). `runs`: the module has a
    main guard or does things when run; `guarded`: it has a main guard. `abstract`: its body is only a docstring,
    `pass`, `...` or a raise. `overrides`: a base class defines the same method. `told`: a page near it says its
    name, or code makes objects of classes by whatever name it is given. `imported_at`, of what nothing else uses, are
    imports that do nothing with it.
    """

    id: str
    kind: str  # function, method, class, module
    name: str
    path: str
    at: Span
    end_line: int
    purpose: Purpose
    component: str
    used_by: tuple[str, ...] = ()
    test_used_by: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    hooked: bool = False
    exported: bool = False
    ml: bool = False
    runs: bool = False
    guarded: bool = False
    abstract: bool = False
    overrides: bool = False
    told: bool = False
    parameters: tuple[str, ...] = ()
    imported_at: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """The first place at which a function takes up what somebody sends with a request, as it comes; `id` is that of the
    function, `typed` tells that numbers are made of it, which fails where there are none."""

    id: str
    at: Span
    typed: bool


@dataclass(frozen=True, slots=True)
class Halting:
    """A function or file that raises an error, asserts something or ends the program, or else only leaves early; `at`
    is the last place at which it may do so."""

    id: str
    at: Span
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class FileUse:
    """A place that uses a file of the repository, and the path of that file."""

    at: Span
    path: str


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if` on a flag of which one arm never runs; or, with no flags and the outcome False, the lines
    that stand behind a return or raise, which `set_at` names.

    `outcome` is what its condition always comes out as: every caller and setting is known. `flags` are
    the names of parameters and settings it depends on, `set_at` the places that give them a value, in
    words with their spans. `then_lines` and `else_lines` are first and last lines of the arms (0 when
    empty). `ml_lines`: steps with a role in the arm that never runs. `test` is the condition in words; `plain`: one
    flag decides it, which nobody sets by hand; `tested`: tests may set it otherwise.
    """

    at: Span
    symbol: str
    purpose: Purpose
    component: str
    outcome: bool
    flags: tuple[str, ...]
    set_at: tuple[tuple[str, Span], ...]
    then_lines: tuple[int, int]
    else_lines: tuple[int, int]
    ml_lines: tuple[int, ...] = ()
    test: str = ""
    plain: bool = False
    tested: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command of a definition that runs the script at `path`, which defines all its options itself.

    `given` are the options among its words, `options` those that the script defines, each by all its names,
    `required` those of them that it cannot do without, as far as all words of the command are known.
    """

    step: str
    path: str
    at: Span
    given: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    required: tuple[tuple[str, ...], ...]
    defined_at: Span


@dataclass(frozen=True, slots=True)
class UnreadOption:
    """An option that the script at `path` takes from its command line, and that no code asks for. `name` is that under
    which code would have it, `spelled` how it is given."""

    path: str
    name: str
    spelled: str
    at: Span


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant in code and what it is used as.

    `role` is path (its `name` the folder of the repository it begins in, `part`, `IN_A_CONTAINER` or
    `ON_A_MOUNT`), url (its `name` the host, or `OF_A_SERVICE`), bucket, host, hub (a model or data set there), date
    (its `name` how it stands there, `CUTTING` where it cuts rows), `REGISTERED` (its `name` whether the model is
    written or read), hyperparameter (a keyword of an estimator or training call, whose name is `name`; without a
    `callee`, the default of a parameter of a function with ML steps), threshold, `SPLITS`, or `MENTION`. `callee` is
    the library call it goes to. `default` tells that it is the default of a CLI option, a settings class or an
    environment variable; `constant` the name of a module constant it is bound to, if any, and `held` what that says as
    a whole.
    """

    role: str
    name: str
    value: str
    at: Span
    symbol: str
    callee: str
    purpose: Purpose
    component: str
    default: bool = False
    constant: str = ""
    held: str = ""


def is_spelled_out(value: str) -> bool:
    """Whether a text alone is a path to a file, or its name: a word may mean anything else as well."""
    name = posixpath.basename(value)
    return bool(posixpath.splitext(name)[1]) and " " not in value


@dataclass(frozen=True, slots=True)
class Note:
    """A block of comment lines or a bare string; `code` when it parses as Python statements with a
    call or an assignment, `ml` when it names things that the file imports from a known library, `comment` if one."""

    at: Span
    text: str
    code: bool
    ml: bool
    symbol: str
    purpose: Purpose
    component: str
    comment: bool = True


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A file of SQL, and whether texts of code or configuration (`run`), of tests, or of pages for people (`told`) name
    it; `at` is its first statement."""

    path: str
    at: Span
    component: str
    run: bool
    tested: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Admission:
    """A comment that admits a debt by the words `said`; `sure` where they mean nothing else. `text` is all of it, by
    which copies are known. `whole`: it speaks of all of a file; `ahead` is the line of the function that it stands
    right in front of, else 0."""

    at: Span
    said: str
    sure: bool
    text: str = ""
    whole: bool = False
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A bare dictionary with which a function, by its `id`, answers requests, and in which is put what was predicted or
    read at the places `of`. `names`: another part of it may tell which model it is of, `may_name`: a text of the code
    may."""

    id: str
    at: Span
    of: tuple[Span, ...]
    names: bool
    may_name: bool


@dataclass(frozen=True, slots=True)
class Unseen:
    """What exists but is not read yet, by kind: pipeline, container, ci, settings, sql. An excuse
    that could stand there makes a finding a hint."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Illegible:
    """A file, or a cell of a notebook, that could not be read: `code` and `reason` as in a `Problem`."""

    at: Span
    code: str
    reason: str
    cure: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Scrutiny:
    """What is found where all steps and comments are looked at closely, for which few rules ask: it is worked out when
    one does. `copied` are groups of functions that are written alike, `admissions` comments that admit a debt,
    `crossings` the places where code runs what is written in another language, `fallbacks` what stands in the place of
    steps that fail. `looked_at` are places of reads and loads whose value is tested, `spliced` those put into a text.
    `telling` are ids of functions that log, count or store something of what they are given or make, in components that
    answer requests, `storing` of those that put it into a statement which keeps rows."""

    copied: tuple[tuple[Copy, ...], ...] = ()
    admissions: tuple[Admission, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    looked_at: frozenset[Span] = frozenset()
    spliced: frozenset[Span] = frozenset()
    telling: frozenset[str] = frozenset()
    storing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Code:
    """All of it. `local_imports` are imports of files of the repository, `notebook_runs` commands that run a notebook.
    `unread` are read events whose value nothing uses: node ids with a reason. `seeds` are node ids of calls that fix a
    global generator, with the generators they fix. `environments` are the files that say what is installed, `imported`
    the libraries that files import. `settings` are the places that give settings a value, in files that code loads and
    for the environment of programs; `setting_reads` the places of code that ask for one. `pages` are the files that
    show something on a page, `digests` those that make a digest of something; `received` tells where functions there
    take up what is sent, `refusing` are ids of those that may turn a request away, `stopping` are functions and files
    that may go no further. `bounded` are ids of actions that something keeps in bounds, or that more is asked about
    than the graph knows. `repositories` are the names that paths begin with where there are several; `libraries` those
    of them (empty for the only one) that are libraries which others import. `contracts` are what the projects declare.
    `deployed` are the components with a container, requirements or project file of their own. `formulas` are what
    features are computed as, `taken` ids of those that only hold what another column holds, maybe as another type,
    `remaking` those of functions that are given rows and give others back. `idle_columns` are columns that are computed
    and come to nothing, `twins` those that hold one value, `missing_fields` those that are asked for and are not there.
    `answered` is what requests are answered with, `tried` the files that are run before a change is taken in,
    `requested` the addresses that tests say, `unread_options` the options of scripts that nothing asks for,
    `unread_names` the names of settings in code that nothing asks for, `queries` the files of SQL, if all of them are
    run by their names, `absent` what runs code that is gone, `failing` the files that fail whenever they are run,
    `broken` the imports that fail, `given` plain arguments of calls, `overridden` options to which commands give
    another value than their default, `idle` the files of settings that nothing loads, `written_out` lists and tables of
    constants that several files write out."""

    definitions: tuple[Definition, ...] = ()
    local_imports: tuple[FileUse, ...] = ()
    notebook_runs: tuple[FileUse, ...] = ()
    branches: tuple[Branch, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    literals: tuple[Literal, ...] = ()
    notes: tuple[Note, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    seeds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    generators: tuple[tuple[str, str], ...] = field(default=())
    illegible: tuple[Illegible, ...] = ()
    secrets: tuple[Secret, ...] = ()
    environments: tuple[Environment, ...] = ()
    imported: tuple[Imported, ...] = ()
    repositories: tuple[str, ...] = ()
    libraries: frozenset[str] = frozenset()
    contracts: tuple[Contract, ...] = ()
    deployed: frozenset[str] = frozenset()
    settings: tuple[DefinedSetting, ...] = ()
    setting_reads: tuple[SettingRead, ...] = ()
    pages: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    received: tuple[Received, ...] = ()
    refusing: frozenset[str] = frozenset()
    stopping: tuple[Halting, ...] = ()
    formulas: tuple[Formula, ...] = ()
    taken: frozenset[str] = frozenset()
    remaking: frozenset[str] = frozenset()
    idle_columns: tuple[IdleColumn, ...] = ()
    twins: tuple[Twins, ...] = ()
    missing_fields: tuple[MissingField, ...] = ()
    bounded: frozenset[str] = frozenset()
    answered: tuple[Answered, ...] = ()
    tried: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()
    unread_options: tuple[UnreadOption, ...] = ()
    unread_names: tuple[UnreadName, ...] = ()
    queries: tuple[QueryFile, ...] = ()
    absent: tuple[AbsentCode, ...] = ()
    failing: tuple[FailingFile, ...] = ()
    broken: tuple[BrokenImport, ...] = ()
    given: tuple[Given, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    idle: tuple[IdleSettings, ...] = ()
    written_out: tuple[tuple[WrittenOut, ...], ...] = ()

    def repository_of(self, path: str) -> str:
        """The repository that a path or component belongs to; empty where there is only one."""
        return next((name for name in self.repositories if f"{path}/".startswith(f"{name}/")), "")

    def unused_functions(self) -> frozenset[str]:
        """The ids of functions that nothing calls, hooks in or offers to others."""
        return frozenset(
            one.id for one in self.definitions
            if one.kind == "function" and not (one.used_by or one.made or one.hooked or one.exported)
        )  # fmt: skip

    def is_library(self, path: str) -> bool:
        """Whether a path lies in a repository that is a library."""
        return self.repository_of(path) in self.libraries
