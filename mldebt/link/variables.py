"""What sets the variables of the environment: `.env` files, compose, container and workflow files, shell, Terraform."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.declarations import Setting, Task
from mldebt.extract.masking import masked_value
from mldebt.link.environment_names import is_template, of_environment
from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import Kind
from mldebt.wildcards import fits

DECLARED = "variable"  # of Terraform itself, no variable of a program
_ENV_FILE = "env_file"
_NAMES = frozenset({"container_name", "hostname"})
_FORMATS = (".yaml", ".yml", ".toml", ".ini")
_COMPOSE = ("docker-compose*.y*ml", "compose*.y*ml")
_HOLDERS = frozenset({"env", "environment", "variables", "env_variables", "env_vars", "envvars", "data"})
_NAME = re.compile(r"[A-Za-z_]\w*")
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
_VALUE = r"(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&|]*)"
_EXPORT = re.compile(rf"export[ \t]+(?P<name>[A-Za-z_]\w*)={_VALUE}")
_BEFORE = re.compile(
    r"(?:^|[;&|(]|\benv(?=\s))\s*(?P<all>(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s;&|]*)[ \t]+)+)(?=[\w./$])"
)
_ASSIGNED = re.compile(rf"(?P<name>[A-Za-z_]\w*)={_VALUE}")
_HANDED = re.compile(rf"(?<!\S)(?:-e|--env)[ =](?P<name>[A-Z_][A-Z0-9_]*)(?:={_VALUE})?(?!\S)")


@dataclass(frozen=True, slots=True)
class Variable:
    """One place that gives a variable a value; `value` is None where it is passed through from outside."""

    form: str
    name: str
    value: str | None
    kind: str
    at: Place
    scope: str = ""


def variables(program: Program) -> tuple[Variable, ...]:
    """All of them, in the order of files."""
    found: list[Variable] = []
    given = env_files(program)
    for number, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True)):
        if source.kind is Kind.COMMANDS:
            found += _exported(number, facts.tasks)
            at = ((one, (number, one.start, one.end)) for one in facts.settings)
            found += (Variable("shell", one.key[0], one.value, one.kind, place) for one, place in at)
        elif source.kind in (Kind.SETTINGS, Kind.REQUIREMENTS) and facts.settings:
            form = "env" if source.path in given else form_of(source.path)
            found += _of_file(number, source.path, form, facts.settings)
    return tuple(found)


def env_files(program: Program) -> dict[str, str]:
    """The files of variables, whatever they are called, that services of compose are given, with the file that does."""
    found: dict[str, str] = {}
    for path, place, _ in given_by_compose(program):
        found.setdefault(path, program.sources[place[0]].path)
    return found


def given_by_compose(program: Program) -> Iterator[tuple[str, Place, bool]]:
    """Each file of variables that a service is given, where it is, and whether the service is built here."""
    for number, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True)):
        if source.kind is Kind.SETTINGS and form_of(source.path) == "compose":
            folder = posixpath.dirname(source.path)
            built = {one.key[1] for one in facts.settings if one.key[0] == "services" and one.key[2:3] == ("build",)}
            for one in facts.settings:
                if _names_env_file(one.key) and one.kind == "text" and one.value:
                    path = posixpath.normpath(posixpath.join(folder, one.value))
                    yield path, (number, one.start, one.end), one.key[1] in built


def service_names(program: Program) -> frozenset[str]:
    """The names under which the services of compose files find each other: those of one network alone know them."""
    found: set[str] = set()
    for source, facts in zip(program.sources, program.facts, strict=True):
        if source.kind is Kind.SETTINGS and form_of(source.path) == "compose":
            own = [one for one in facts.settings if one.key[:1] == ("services",) and len(one.key) > 1]
            found.update(one.key[1] for one in own)
            found.update(one.value for one in own if len(one.key) == 3 and one.key[2] in _NAMES and one.value)
    return frozenset(found)


def _names_env_file(key: tuple[str, ...]) -> bool:
    """`env_file` with a path, with a list of them, or with maps that have a `path`."""
    inner = key[3:] if len(key) > 2 and key[0] == "services" and key[2] == _ENV_FILE else ("",)
    return all(part.isdigit() or part == "path" for part in inner)


def plain_values(program: Program, environment: str = "") -> dict[str, dict[str, Place]]:
    """The texts that variables get, with the first place of each; no secrets, references and templates."""
    found: dict[str, dict[str, Place]] = {}
    for one in variables(program):
        path, value = program.sources[one.at[0]].path, one.value
        fits = not environment or of_environment(path) in ("", environment)
        if value and fits and one.scope != DECLARED and not any(sign in value for sign in ("$", "***", "{")):
            if not is_template(path):
                found.setdefault(one.name, {}).setdefault(value, one.at)
    return found


def is_env_file(path: str) -> bool:
    """Whether a file holds variables alone: `.env`, `.env.prod`, `prod.env`, and not `.env_prod.yaml`."""
    name = posixpath.basename(path).lower()
    return (name.startswith(".env") and not name.endswith(_FORMATS)) or name.endswith(".env")


def form_of(path: str) -> str:
    """What kind of file sets variables, by its name."""
    name = posixpath.basename(path).lower()
    if is_env_file(path):
        return "env"
    if any(fits(name, pattern) for pattern in _COMPOSE):
        return "compose"
    if ".github/" in f"/{path}" or name.startswith(".gitlab-ci") or fits(name, "*pipelines.y*ml"):
        return "ci"
    if name.endswith((".tf", ".tfvars")):
        return "terraform"
    return "deployment" if name.endswith((".yaml", ".yml")) else ""


def _of_file(number: int, path: str, form: str, settings: tuple[Setting, ...]) -> Iterator[Variable]:
    if form == "env":
        for said in settings:
            yield Variable(form, said.key[0], said.value, said.kind, (number, said.start, said.end))
    elif form == "terraform":
        yield from _terraform(number, path, settings)
    elif form in ("compose", "ci", "deployment"):
        yield from _held(number, form, settings)
    else:
        for said in settings:
            if said.key[0] in ("ENV", "ARG") and len(said.key) == 2:
                place = (number, said.start, said.end)
                yield Variable("container", said.key[1], said.value, said.kind, place, said.key[0])


def _held(number: int, form: str, settings: tuple[Setting, ...]) -> Iterator[Variable]:
    """Variables in maps, in lists of `NAME=value`, and in lists of names with values."""
    names = {said.key[:-1]: said.value for said in settings if said.key[-1] == "name" and said.value}
    for said in settings:
        holder = next((i for i, part in enumerate(said.key[:-1]) if part.lower() in _HOLDERS), -1)
        if holder < 0 or said.kind in ("map", "list") or (said.key[holder] == "data" and form != "deployment"):
            continue
        inner, scope = said.key[holder + 1 :], ".".join(said.key[:holder])
        place = (number, said.start, said.end)
        name, value = inner[0], said.value
        if name.isdigit() and len(inner) == 1:
            name, equals, value = (said.value or "").partition("=")
            value = value if equals else None
        elif name.isdigit() and inner[1:] == ("value",):
            name = names.get(said.key[:-1]) or ""
        elif len(inner) == 2 and inner[1] != "value":
            continue
        wanted = _UPPER if form == "deployment" else _NAME
        if wanted.fullmatch(name):
            yield Variable(form, name, value, said.kind, place, scope)


def _terraform(number: int, path: str, settings: tuple[Setting, ...]) -> Iterator[Variable]:
    """Defaults of declared variables, values of a file of values, and variables given to a function."""
    defaults = {said.key[1]: said for said in settings if said.key[0] == "variable" and said.key[2:] == ("default",)}
    for said in settings:
        place = (number, said.start, said.end)
        if said.key[0] == "variable" and len(said.key) == 2:
            given = defaults.get(said.key[1], said)
            yield Variable("terraform", said.key[1], given.value, given.kind, place, DECLARED)
        elif path.endswith(".tfvars") and len(said.key) == 1 and said.kind not in ("map", "list"):
            yield Variable("terraform", said.key[0], said.value, said.kind, place, DECLARED)
        elif len(said.key) > 2 and said.key[-2].lower() in _HOLDERS and _UPPER.fullmatch(said.key[-1]):
            value = None if said.kind == "map" else said.value
            yield Variable("terraform", said.key[-1], value, said.kind, place, ".".join(said.key[:-2]))


def _exported(number: int, tasks: tuple[Task, ...]) -> Iterator[Variable]:
    for task in tasks:
        for command in task.commands:
            for match in _set_by(command.text):
                said = match["value"]
                value = None if said is None else said.strip("\"'")
                open_ = value is None or "$" in value or "`" in value
                kept = None if open_ else masked_value(match["name"], value or "")
                yield Variable("shell", match["name"], kept, "text", (number, command.start, command.end), task.name)


def _set_by(text: str) -> Iterator[re.Match[str]]:
    """What a command exports, sets for what it runs, or hands to a container."""
    yield from _EXPORT.finditer(text)
    for before in _BEFORE.finditer(text):
        yield from _ASSIGNED.finditer(before["all"])
    yield from _HANDED.finditer(text)
