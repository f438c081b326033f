"""What checks may ask about settings: where each is defined, and where each is read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mldebt.source import Purpose, Span

OWN_FIELD = "own field"
"""A field that is filled by whoever makes the object, and by no variable: of settings, or of one of many records."""
GIVEN = "given"
"""A variable to which what runs the program, or code for what it runs, gives its value."""

_THIS_MACHINE = re.compile(r"(?:^|//|@)(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::|/|$)")


@dataclass(frozen=True, slots=True)
class DefinedSetting:
    """One place that gives a setting a value.

    `form` is where it stands: config (a key of a settings file), env (a line of a `.env` file), compose,
    app (a name of a class or module that holds settings of an application, or a key that code puts there),
    container (ENV and ARG), ci, deployment (any other file that starts programs), shell, terraform, or code
    (a default: of an environment variable, an option of a command, a field of a settings class). `key` are the
    keys that lead to it, sequence positions as digits, or the one name of a variable; `name` is the key in one
    word. `value` is the text as the facts hold it: `***` where it is a secret, empty for null, maps and lists;
    `kind` is text, number, bool, null, map or list. `loaded_by` are the places that load its file (none: nobody
    here does), `read_at` those that ask for it. `passed_on` tells that the whole it stands in goes where nobody can
    follow, such as a library. `mentioned`, of what is not read: code that could not be followed holds its word, and
    may mean it. `in_section`: its file is put into a section of a larger one whose word such code holds, and which it
    may take as a whole. `environment` is what the file's name says (prod, staging), `template` that it is there to be
    copied. `scope` is what in a file it holds for: a service of compose, a job, `variable` for one of Terraform's
    own; of a default in code how it is asked for: env, option, field, `OWN_FIELD` or `GIVEN`. `end_line` is the last
    line of what stands under the key.
    """

    form: str
    file: str
    key: tuple[str, ...]
    name: str
    kind: str
    value: str
    at: Span
    loaded_by: tuple[Span, ...] = ()
    read_at: tuple[Span, ...] = ()
    passed_on: bool = False
    mentioned: bool = False
    in_section: bool = False
    environment: str = ""
    template: bool = False
    scope: str = ""
    component: str = ""
    purpose: Purpose = Purpose.PRODUCTION
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class SettingRead:
    """One place of code that asks for a setting; for a field without a default, the place that declares it.

    `how` is config, env, option or field. `files` are those searched for it, in the order in which they hold;
    `defined_at` are the places in them, or the variables of that name, that give it a value. `default` is the
    text of a default that is plain, `has_default` whether there is one, `required` whether it fails without:
    `os.environ["X"]`, `cfg["x"]`. `known`: every file that it may come from is read, and nothing in code may
    put it there. `elsewhere`: a file that its loader names, too, is not in the repository.
    """

    how: str
    key: tuple[str, ...]
    name: str
    at: Span
    files: tuple[str, ...] = ()
    defined_at: tuple[Span, ...] = ()
    has_default: bool = False
    default: str = ""
    required: bool = False
    known: bool = False
    elsewhere: bool = False
    symbol: str = ""
    component: str = ""
    purpose: Purpose = Purpose.PRODUCTION


@dataclass(frozen=True, slots=True)
class Overridden:
    """An option of a script with its `default`, which stands `at` a place, and the other value that a command gives."""

    name: str
    default: str
    at: Span
    given: str
    given_at: Span
    component: str


@dataclass(frozen=True, slots=True)
class Given:
    """An argument of a call of a function or class of the repository with ML steps, or of what prepares data: the
    `value` as a text (empty where it is not known), and the name of the `setting` or constant that says it, which
    stands at `home`; no name where the code around the call says it. `file` defines the callee, if the repository does.
    `network`: the call makes a network, of which what it learnt is loaded into another one of the same form."""

    callee: str
    parameter: str
    value: str
    at: Span
    symbol: str
    component: str
    setting: str = ""
    home: Span | None = None
    network: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class UnreadName:
    """A name to which a class (`holder`) or module of settings gives a value, and that no code asks for; `read_at` asks
    for another name of the same. `given`: the environment may say it, `tested`: tests do."""

    path: str
    name: str
    at: Span
    holder: str
    read_at: Span
    given: bool = False
    tested: bool = False


def same_place(value: str) -> str:
    """A value without what a way to a place may begin and end with: `./models/` is where `models` is."""
    text = value.strip()
    while text.startswith("./"):
        text = text[2:]
    return text.rstrip("/") or value.strip()


def is_of_this_machine(value: str) -> bool:
    """Whether an address means whatever machine asks for it."""
    return _THIS_MACHINE.search(value.strip()) is not None


def shared_defaults(settings: Iterable[DefinedSetting]) -> frozenset[Span]:
    """The places in code at which one default is that of several variables, as in a loop over their names: it stands
    for one that is absent, and is no value of any of them."""
    names: dict[Span, set[str]] = defaultdict(set)
    for one in settings:
        if one.form == "code" and one.scope == "env":
            names[one.at].add(one.name)
    return frozenset(at for at, found in names.items() if len(found) > 1)
