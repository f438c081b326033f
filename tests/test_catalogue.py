"""Tests over all rows of the shipped catalogue: each says something the engine understands, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import tomli

from mldebt import catalogue
from mldebt.catalogue import Catalogue, CatalogueError
from mldebt.link.intrinsics import _OPERATIONS as HANDLED
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.slots import DEFAULT, Slot, parse_slot
from mldebt.tabling import Tabling
from mldebt.tasking import Tasking

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "rules" / "catalogue").glob("*.toml"))
SCHEMA = (ROOT / "rules" / "schema.md").read_text("utf-8")
MAKES = {"task", "flow", "command", "endpoint", "hook", "fixture", "option", "transparent", "check"}
RELATIVE = re.compile(r"self|same|item|like:(\d+|\*)|element:0")

Entry = tuple[str, str, dict[str, Any]]  # file, form, row as written


def entries(*forms: str) -> Iterator[Entry]:
    for file in FILES:
        document = tomli.loads(file.read_text("utf-8"))
        for form in forms or ("call", "method", "class"):
            yield from ((file.name, form, entry) for entry in document.get(form, ()))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def broken(holds: Callable[[str, dict[str, Any]], object], *forms: str) -> list[str]:
    """The rows for which a rule does not hold, as `file: names`."""
    return [f"{file}: {row.get('name')}" for file, form, row in entries(*forms) if not holds(form, row)]


def words(heading: str) -> set[str]:
    """The words in backticks of one row of the schema's table, or of one paragraph."""
    (line,) = (part for part in re.split(r"\n\n|\n(?=\|)", SCHEMA) if part.startswith(heading))
    return set(re.findall(r"`([^`]+)`", line))


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return catalogue.load()


def test_every_file_describes_a_library() -> None:
    known = {"library", "packages", "versions", "aliases", "call", "method", "class", "decorator", "hook", "runners",
             "copiers", "downloaders", "launched_with", "mounts", "run_folders", "table_functions", "variables",
             "given_variables"}  # fmt: skip
    for file in FILES:
        document = tomli.loads(file.read_text("utf-8"))
        assert set(document) <= known, file.name
        assert document["library"] and (document["packages"] or document.get("variables")), file.name


def test_every_operation_used_has_a_handler_and_is_described() -> None:
    used = {row["op"] for _, _, row in entries() if "op" in row}
    assert used <= HANDLED.keys()
    assert HANDLED.keys() <= words("| `op`")


def test_a_row_has_a_meaning_or_says_why_it_has_none() -> None:
    meanings = {
        "role",
        "op",
        "result",
        "kind",
        "attributes",
        "mutates",
        "callback",
        "global_seed",
        "traits",
        "why",
        "orders",
    }
    assert broken(lambda form, row: meanings & row.keys()) == []


def test_a_row_is_an_operation_or_has_a_role_never_both() -> None:
    assert broken(lambda form, row: not {"op", "role"} <= row.keys()) == []


def test_rows_of_calls_and_classes_have_full_names_and_methods_have_short_ones() -> None:
    packages = {package for file in FILES for package in tomli.loads(file.read_text("utf-8"))["packages"]}

    def holds(form: str, row: dict[str, Any]) -> bool:
        if form == "method":
            short = all(name == "*" or name.replace("_", "").isalnum() for name in listed(row["name"]))
            return short and bool(row.get("on"))
        return all(any(name.startswith(f"{one}.") for one in packages) for name in listed(row["name"]))

    assert broken(holds) == []


def test_kinds_stand_under_known_stems() -> None:
    stems = {kind.partition(".")[0] for kind in words("**Kinds**")}

    def holds(form: str, row: dict[str, Any]) -> bool:
        kinds = [*listed(row.get("result")), *listed(row.get("kind")), *listed(row.get("on"))]
        kinds += row.get("attributes", {}).values()
        return all(RELATIVE.fullmatch(kind) or kind.partition(".")[0] in stems for kind in kinds)

    assert broken(holds) == []


def test_a_class_row_says_what_kind_its_objects_are() -> None:
    assert broken(lambda form, row: "kind" in row and "result" not in row, "class") == []
    assert broken(lambda form, row: "kind" not in row, "call", "method") == []


def test_traits_and_generators_are_described() -> None:
    traits = words("| `traits`")
    open_ended = (trait.partition(":") for trait in traits if trait.endswith((":FOLDER", ":NAME", ":VERSION")))
    prefixes = tuple(head + colon for head, colon, _ in open_ended)
    generators = words("| `global_seed`")

    def holds(form: str, row: dict[str, Any]) -> bool:
        named = [*row.get("global_seed", ()), *listed(row.get("generator"))]
        known = all(trait in traits or trait.startswith(prefixes) for trait in row.get("traits", ()))
        return known and all(generator in generators for generator in named)

    assert broken(holds) == []


def test_what_draws_at_random_says_what_fixes_it() -> None:
    """By its own seed, or by one for all; a row that cannot be fixed says so with `why`."""
    fixed = {"seed", "generator", "why"}
    assert broken(lambda form, row: not row.get("random") or fixed & row.keys()) == []


def test_axis_is_rows() -> None:
    assert broken(lambda form, row: row.get("axis", "rows") == "rows") == []


def test_what_reads_and_writes_says_where(shipped: Catalogue) -> None:
    """A read without a target gets its place elsewhere: it says where, or is of one kind of value."""
    located = (Role.READ, Role.WRITE, Role.LOAD, Role.PERSIST)
    rows = [row for rows in shipped.calls.values() for row in rows if row.role in located]
    silent = sorted({row.names[0] for row in rows if not row.target})
    explained = {name for _, _, row in entries("call") if "why" in row for name in listed(row["name"])}
    assert [name for name in silent if name not in explained] == []


def test_no_row_is_hidden_behind_an_earlier_one(shipped: Catalogue) -> None:
    """Rows of one name are tried in order: behind one without a condition nothing is reached."""
    rows_of: dict[object, tuple[Row, ...]] = {**shipped.calls, **shipped.methods}
    hidden = [name for name, rows in rows_of.items() if any(not row.when for row in rows[:-1])]
    assert hidden == []


def test_no_row_names_a_thing_twice() -> None:
    def holds(form: str, row: dict[str, Any]) -> bool:
        counts = Counter([*listed(row["name"])])
        return max(counts.values()) == 1

    assert broken(holds, "call", "method", "class", "decorator") == []


def test_conditions_ask_for_constants(shipped: Catalogue) -> None:
    for row in (row for rows in (*shipped.calls.values(), *shipped.methods.values()) for row in rows):
        for condition in (*row.when, *row.random_when):
            assert not condition.slot.receiver, row.names
            assert condition.values, row.names
            assert all(isinstance(value, (str, bool, int, float)) for value in condition.values), row.names
            assert DEFAULT not in condition.values or not condition.slot.keywords, row.names


def test_decorators_make_something_known() -> None:
    assert broken(lambda form, row: row.get("makes") in MAKES, "decorator") == []
    assert set(re.findall(r"\w+", SCHEMA)) >= MAKES


def test_hooks_name_methods_of_a_class_that_has_a_row(shipped: Catalogue) -> None:
    assert [hook.base for hook in shipped.hooks if not (hook.methods or hook.functions or hook.registers)] == []
    packages = {hook.base.partition(".")[0] for hook in shipped.hooks}
    assert packages - {"*"} <= shipped.packages


def keys_described(table: str) -> set[str]:
    """The keys in the first column of a table of the schema."""
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_every_key_of_columns_is_described_and_used() -> None:
    described = keys_described(SCHEMA.partition("**A columns table**")[2].partition("\n**")[0])
    tables = [row.get("columns", []) for _, _, row in entries("call", "method", "class")]
    used = {key for some in tables for one in (some if isinstance(some, list) else [some]) for key in one}
    assert used == described == {field.name for field in fields(Tabling)}


def test_every_key_of_a_task_is_described_and_used() -> None:
    described = keys_described(SCHEMA.partition("**A task table**")[2].partition("\n## ")[0])
    used = {key for _, _, row in entries("call", "class", "decorator") for key in row.get("task", {})}
    assert used <= described
    assert described == {field.name for field in fields(Tasking)}


def test_a_columns_table_has_known_keys_alone() -> None:
    with pytest.raises(CatalogueError, match=r"(?s)columns.*colour"):
        catalogue.parse([("own.toml", b"""
        [[method]]
        on      = "table.a"
        name    = "paint"
        columns = { colour = "0" }
        """)])  # fmt: skip


def test_what_a_task_names_stands_in_a_call() -> None:
    with pytest.raises(CatalogueError, match=r"(?s)not a slot.*colour"):
        catalogue.parse([("own.toml", b"""
        [[decorator]]
        name = "a.task"
        task = { colour = "red" }
        [[call]]
        name = "a.Task"
        task = { name = "nowhere at all" }
        """)])  # fmt: skip


def test_aliases_end_where_rows_are(shipped: Catalogue) -> None:
    for public, target in shipped.aliases.items():
        assert public != target
        assert target not in shipped.aliases, f"{public} leads to {target}, which leads further"


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("self", Slot(receiver=True)),
        ("around", Slot(around=True)),
        ("0", Slot(0)),
        ("0:path", Slot(0, "path")),
        (":path", Slot(-1, "path")),
        ("*", Slot(0, rest=True)),
        ("2*", Slot(2, rest=True)),
        ("**", Slot(keywords=True)),
        ("0.key", Slot(0, key="key")),
        (":config.key", Slot(-1, "config", key="key")),
    ],
)
def test_slots_have_a_short_form(text: str, slot: Slot) -> None:
    assert parse_slot(text) == slot


@pytest.mark.parametrize("text", ["", "path", "-1", "0:", ":", "0:a:b", "self.x", "0 :path"])
def test_what_is_no_slot_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a slot"):
        parse_slot(text)


def test_every_error_of_a_file_is_told_at_once() -> None:
    bad = b"""
    [[call]]
    name = "a.b"
    role = "no-such-role"
    [[call]]
    name = "a.c"
    colour = "red"
    [[method]]
    on = "table"
    name = "d"
    target = "nowhere at all"
    """
    with pytest.raises(CatalogueError) as error:
        catalogue.parse([("own.toml", bad), ("torn.toml", b"[[call")])
    for part in ("no-such-role", "colour", "nowhere at all", "torn.toml", "a.b", "a.c"):
        assert part in str(error.value)


def test_rows_of_a_project_are_asked_first() -> None:
    first = b'[[call]]\nname = "a.load"\nrole = "read"\nresult = "json"'
    second = b'[[call]]\nname = "a.load"\nrole = "write"'
    rows = catalogue.parse([("own.toml", first), ("shipped.toml", second)]).of_call("a.load")
    assert rows[0].role is Role.READ


def test_the_longest_kind_and_the_exact_name_win() -> None:
    text = b"""
    [[call]]
    name = "a.*Model"
    result = "model"
    [[call]]
    name = "a.OtherModel"
    result = "text"
    [[method]]
    on = "table"
    name = "m"
    role = "read"
    [[method]]
    on = "table.own"
    name = "m"
    role = "write"
    """
    known = catalogue.parse([("own.toml", text)])
    assert [row.result for row in known.of_call("a.OtherModel")] == [("text",)]
    assert [row.result for row in known.of_call("a.FirstModel")] == [("model",)]
    assert known.of_call("a.deep.FirstModel") == ()
    assert known.of_method("table.own", "m")[0].role is Role.WRITE
    assert known.of_method("table.other", "m")[0].role is Role.READ
    assert known.of_method("column", "m") == ()
