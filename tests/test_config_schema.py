"""The JSON Schema of the configuration says what the configuration accepts, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mldebt import config, config_origin, config_schema
from mldebt.cards import FAMILIES, slugs
from mldebt.cli import run
from mldebt.config import Config, ConfigError
from mldebt.render import toml
from tests.test_cli import Capture

SHIPPED = Path(config.__file__).parent / "schemas" / "config.schema.json"
SCHEMA = config_schema.schema(slugs())
CONTRACT = {"artifact": "a", "owner": "us", "consumers": ["b"]}
EXCEPTION = {"model": "a", "rule": "fixed-threshold", "reason": "so"}
WORDS = [["a/"], [], [3], "a", None]
RULES = [["data", "fixed-threshold"], [], ["dato"], "data", [1]]
VALUES: dict[str, list[Any]] = {
    "include": WORDS, "exclude": WORDS, "select": RULES, "ignore": RULES,
    "profile": ["core", "full", "all", 1], "min-confidence": ["hint", "Hint", True],
    "fail-level": ["never", "warn"], "catalogue": [[], "a.toml", [1]],
    "workers": [1, 64, 0, -1, 1.5, True, "2"], "file-timeout": [1, 0.5, 86400, 0, 86401, True, "1"],
    "tests": [True, 1, "yes"], "allow-incomplete": [False, 0],
    "max-file-size": [{}, {"python": 1}, {"python": 0}, {"python": True}, {"pyton": 1}, 3],
    "rules": [{"fixed-threshold": {"least": 0.5}}, {"fixed-treshold": {}}, {"fixed-threshold": 1}, []],
    "library": [True, "auto", "no", 1], "sql-dialect": ["spark", "sparc"],
    "contracts": [
        {}, {"c": CONTRACT}, {"c": CONTRACT | {"reason": "so", "artifact": ["a", "b"]}}, {"c": CONTRACT | {"x": 1}},
        {"c": {"artifact": "a"}}, {"c": CONTRACT | {"artifact": ""}}, {"c": CONTRACT | {"consumers": []}}, {"c": 3}, 3,
    ],
    "per-file-ignores": [{}, {"a/**": ["data"]}, {"a/**": ["dato"]}, {"a": "data"}, ["a"]],
    "exceptions": [
        [], [EXCEPTION], [EXCEPTION | {"rule": ["data", "loops"]}], [EXCEPTION | {"setting": "b"}],
        [EXCEPTION | {"reason": " "}], [EXCEPTION | {"reasn": "so"}], [EXCEPTION | {"rule": "dato"}],
        [{"rule": "data", "reason": "so"}], [{"model": "a", "reason": "so"}], [3], {}, [EXCEPTION | {"model": ""}],
        [{"fingerprint": "v1:0", "rule": "data", "reason": "so"}],
    ],
}  # fmt: skip


def accepts(root: Path, text: str) -> bool:
    (root / "mldebt.toml").write_text(text, "utf-8")
    try:
        config.load(root, slugs(), FAMILIES)
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_schema_and_the_configuration_agree(key: str, tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    taken = []
    for value in VALUES[key]:
        if value is not None:
            text = f"{key} = {toml.value(value)}\n"
            assert validator.is_valid({key: value}) == accepts(tmp_path, text), text
            taken.append(validator.is_valid({key: value}))
    assert set(taken) == {True, False}, "some that are right, some that are wrong"


def test_every_key_is_in_the_schema_and_no_other() -> None:
    assert set(SCHEMA["properties"]) == set(config.keys()) == set(VALUES)
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({"unknown": 1})
    assert all(one["description"] for one in SCHEMA["properties"].values())


def test_the_shipped_schema_is_the_one_that_is_made() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(SHIPPED.read_text("utf-8")) == SCHEMA, "`make docs` writes it anew"


def test_defaults_of_the_schema_are_those_in_force(tmp_path: Path) -> None:
    in_force = {one.key: one.value for one in config_origin.values(tmp_path, slugs(), FAMILIES)}
    told = {key: one["default"] for key, one in SCHEMA["properties"].items() if "default" in one}
    assert told == {key: in_force[key] for key in told}
    assert set(told) >= {"profile", "fail-level", "file-timeout", "tests"}


def test_a_day_is_one_for_editors_and_for_the_configuration(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid({"exceptions": [EXCEPTION | {"until": "2031-12-31"}]})
    assert not validator.is_valid({"exceptions": [EXCEPTION | {"until": "soon"}]})
    table = "[[exceptions]]\nmodel = 'a'\nrule = 'data'\nreason = 'so'\nuntil = "
    assert accepts(tmp_path, f"{table}2031-12-31\n")
    assert not accepts(tmp_path, f"{table}'2031-12-31'\n")


def test_what_is_in_force_is_shown_with_where_it_stands(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'x'\n[tool.mldebt]\nworkers = 3\nexclude = [\n  'a\u202e/',\n]\n"
        "[[tool.mldebt.exceptions]]\nmodel = 'a'\nrule = 'data'\nreason = 'so'\nuntil = 2031-12-31\n", "utf-8"
    )
    assert run(["config", "show", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.isascii()
    lines = {line.partition(" = ")[0]: " ".join(line.split()) for line in said.splitlines()}
    assert lines["workers"] == "workers = 3 # pyproject.toml:4"
    assert lines["exclude"] == 'exclude = ["a\\u202e/"] # pyproject.toml:5'
    assert lines["profile"] == 'profile = "core" # default'
    assert lines["exceptions"].endswith('until = 2031-12-31}] # pyproject.toml:8')
    before = config.load(tmp_path, slugs(), FAMILIES)
    (tmp_path / "mldebt.toml").write_text(said, "utf-8")
    after = config.load(tmp_path, slugs(), FAMILIES)
    assert after.notes and (after.workers, after.exclude) == (before.workers, before.exclude)


def test_nothing_configured_is_all_defaults(tmp_path: Path, capsys: Capture) -> None:
    assert run(["config", "show", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count("# default") == len(config.keys())
    (tmp_path / "mldebt.toml").write_text(said, "utf-8")
    assert config.load(tmp_path, slugs(), FAMILIES) == Config(file="mldebt.toml")
    (tmp_path / "mldebt.toml").write_text("# nothing\n", "utf-8")
    assert config.load(tmp_path, slugs(), FAMILIES) == Config(file="mldebt.toml")
    (tmp_path / "mldebt.toml").write_text("worker = 1\n", "utf-8")
    assert run(["config", "show", str(tmp_path)]) == 2
    assert "Did you mean 'workers'?" in capsys.readouterr().err
