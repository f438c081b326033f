"""Additions to TOML files: nothing else changes, and what cannot be added is told to be written by hand."""

from __future__ import annotations

from datetime import date

import pytest
import tomli

from mldebt.amending import CannotAmend, with_item
from mldebt.amending_yaml import has_yaml_pair, with_yaml_item

pytest.importorskip("tomlkit")  # an older environment may lack it; what installs the package has it

EXCEPTION = {"model": "it's \"quoted\"\\ \u202e", "rule": "data", "until": date(2031, 12, 31)}
PATH = ("tool", "mldebt", "exceptions")
SHARED = """\
# The project.
[project]
name = 'x'   # its name

[tool.mldebt]
workers = 2  # few

[tool.mldebt.rules.fixed-threshold]
least = 0.5

[[tool.mldebt.exceptions]]
model = "a"
# the end of it

[tool.ruff]
line-length=120
"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        SHARED,
        SHARED.replace("\n", "\r\n"),
        SHARED.replace('[[tool.mldebt.exceptions]]\nmodel = "a"\n', ""),
        "[project]\nname = 'x'\n",
        "[tool.ruff]\nline-length = 1\n[project]\n[tool.black]\nx = 1\n",
        "tool.mldebt.workers = 1\n",
        "[tool.mldebt]\nexceptions = [{model = 'a'}]  # inline\n",
    ],
)
def test_only_what_is_added_is_new(text: str) -> None:
    after = with_item(text, PATH, EXCEPTION, "a.py: what it is")
    expected = tomli.loads(text)
    expected.setdefault("tool", {}).setdefault("mldebt", {}).setdefault("exceptions", []).append(EXCEPTION)
    assert tomli.loads(after) == expected
    lines = iter(after.splitlines())
    assert all(line in lines for line in text.splitlines() if "exceptions = [" not in line), "in their order"
    assert tomli.loads(with_item(after, PATH, {"model": "b"}))["tool"]["mldebt"]["exceptions"][-1] == {"model": "b"}


def test_a_string_goes_into_the_list_there_is() -> None:
    text = "[tool.mldebt]\ncatalogue = [\n  'a.toml',  # first\n]\n[tool.ruff]\nx = 1\n"
    after = with_item(text, ("tool", "mldebt", "catalogue"), "b.toml")
    assert tomli.loads(after)["tool"]["mldebt"]["catalogue"] == ["a.toml", "b.toml"]
    assert "'a.toml',  # first" in after
    assert with_item("# a\nworkers = 1\n", ("catalogue",), "b.toml") == '# a\nworkers = 1\ncatalogue = ["b.toml"]\n'


@pytest.mark.parametrize(
    "text", ["[tool.mldebt]\nexceptions = 3\n", "tool = 3\n", "tool = {mldebt = {}}\n", "[tool]\nmldebt = {a = 1}\n"]
)
def test_what_has_no_place_is_to_be_written_by_hand(text: str) -> None:
    try:
        after = with_item(text, PATH, {"model": "b", "rule": "data"})
    except CannotAmend as error:
        assert "Add by hand: model = b, rule = data" in str(error)
    else:
        assert tomli.loads(after)["tool"]["mldebt"]["exceptions"] == [{"model": "b", "rule": "data"}]


def test_a_remark_cannot_leave_its_comment() -> None:
    with pytest.raises(CannotAmend):
        with_item("a = 1\n", ("x",), {"model": "b"}, "so\nevil = 1")


ITEM = "- repo: local\n  hooks:\n    # why\n    - id: mldebt\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("repos: []\n", "repos:\n  - repo: local\n    hooks:\n      # why\n      - id: mldebt\n"),
        ("a: 1\nrepos: []  # none\nb: 2\n", "a: 1\nrepos:  # none\n{}b: 2\n"),
        ("repos:\n- repo: x  # pinned\n  hooks: [{id: y}]  # why\n# end\nb: 2\n",
         f"repos:\n- repo: x  # pinned\n  hooks: [{{id: y}}]  # why\n{ITEM}# end\nb: 2\n"),
        ("repos:\n  - repo: x\n    exclude: |\n      a\n      b\nb: 2\n",
         "repos:\n  - repo: x\n    exclude: |\n      a\n      b\n{}b: 2\n"),
        ("repos:\n  - &a {repo: x}\n  - *a", "repos:\n  - &a {repo: x}\n  - *a\n{}"),
        ("repos:\r\n  - repo: x\r\n", "repos:\r\n  - repo: x\r\n{}"),
        ("repos:\n  - repo: x\n    repos: [1]\n", "repos:\n  - repo: x\n    repos: [1]\n{}"),
    ],
)  # fmt: skip
def test_an_item_is_added_to_a_list_of_a_yaml_file_and_nothing_else_changes(text: str, expected: str) -> None:
    inner = "  - repo: local\n    hooks:\n      # why\n      - id: mldebt\n"
    inner = inner.replace("\n", "\r\n") if "\r\n" in text else inner
    amended = with_yaml_item(text, "repos", ITEM)
    assert amended == expected.replace("{}", inner)
    assert has_yaml_pair(amended, "id", "mldebt") and not has_yaml_pair(text, "id", "mldebt")


@pytest.mark.parametrize(
    "text",
    ["", "repos:\n", "a: 1\n", "repos: {}\n", "repos: [", "repos: [{repo: x}]\n", '{"repos": []}', "- repos: []\n",
     "a:\n  repos: []\n", "repos: []\n---\nrepos: []\n", "\ufeffrepos: []\n--- x\n"],
)  # fmt: skip
def test_a_yaml_file_without_a_place_for_it_is_not_touched(text: str) -> None:
    with pytest.raises(CannotAmend):
        with_yaml_item(text, "repos", ITEM)
