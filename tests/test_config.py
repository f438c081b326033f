"""The configuration: what it may say, and all of its mistakes at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mldebt.config import Config, ConfigError, Limits, load
from mldebt.contracts import Contract
from mldebt.exemptions import Exemption, FileIgnore
from mldebt.roles import Confidence
from mldebt.source import Span

RULES = frozenset({"fixed-threshold", "pipeline-jungle"})
FAMILIES = frozenset({"data", "loops"})


def at(line: int) -> Span:
    return Span("pyproject.toml", line, file_line=line)


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        (root / f"{name}.toml").write_text(text, encoding="utf-8")
    return root


def read(root: Path) -> Config:
    return load(root, RULES, FAMILIES)


def mistakes(root: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as raised:
        read(root)
    return [(fault.line, fault.text, fault.nearest) for fault in raised.value.faults]


def test_nothing_configured(tmp_path):
    assert read(tmp_path) == Config()
    assert read(write(tmp_path, pyproject="[project]\nname = 'x'\n")) == Config()


def test_every_key(tmp_path):
    (tmp_path / "rows").mkdir()
    write(tmp_path, pyproject="""
[tool.mldebt]
include = ["src/"]
exclude = ["src/old/", "!src/old/kept.py"]
select = ["data", "fixed-threshold"]
ignore = ["pipeline-jungle"]
profile = "full"
min-confidence = "hint"
fail-level = "never"
catalogue = ["rows", "more.toml"]
workers = 3
file-timeout = 1.5
tests = true
allow-incomplete = true
library = "auto"
[tool.mldebt.max-file-size]
notebook = 10
[tool.mldebt.rules.fixed-threshold]
least = 0.5
[tool.mldebt.contracts.scores]
artifact = "data/scores.parquet"
owner = "team"
consumers = ["dashboard", "reports/*"]
[tool.mldebt.per-file-ignores]
"notebooks/**" = ["data", "pipeline-jungle"]
[[tool.mldebt.exceptions]]
artifact = "s3://lake/*"
rule = "pipeline-jungle"
reason = "the lake goes"
until = 2031-12-31
[[tool.mldebt.exceptions]]
fingerprint = "v1:00"
rule = ["fixed-threshold"]
reason = "agreed"
""", more="")
    assert read(tmp_path) == Config(
        include=("src/",), exclude=("src/old/", "!src/old/kept.py"), select=("data", "fixed-threshold"),
        ignore=("pipeline-jungle",), profile="full", min_confidence=Confidence.HINT, fail_level="never",
        catalogue=("rows", "more.toml"), workers=3, file_timeout=1.5, tests=True, allow_incomplete=True,
        max_file_size=Limits(notebook=10), options={"fixed-threshold": {"least": 0.5}}, library=None,
        contracts=(Contract("scores", ("data/scores.parquet",), "team", ("dashboard", "reports/*"), "", at(20)),),
        file_ignores=(FileIgnore("notebooks/**", ("data", "pipeline-jungle"), at(25)),),
        exceptions=(
            Exemption("artifact", "s3://lake/*", ("pipeline-jungle",), "the lake goes", date(2031, 12, 31), at(26)),
            Exemption("fingerprint", "v1:00", ("fixed-threshold",), "agreed", None, at(31)),
        ),
        file="pyproject.toml",
    )  # fmt: skip


def test_the_own_file_wins_and_that_is_said(tmp_path):
    write(tmp_path, mldebt="workers = 2\nlibrary = true\n", pyproject="[tool.mldebt]\nworkers = 9\n")
    config = read(tmp_path)
    assert (config.workers, config.library, config.file) == (2, True, "mldebt.toml")
    assert config.notes == ("[tool.mldebt] in pyproject.toml is not used, because mldebt.toml is there.",)
    write(tmp_path, pyproject="[broken")
    assert read(tmp_path).notes == ("pyproject.toml cannot be read; mldebt.toml is used.",)
    write(tmp_path, pyproject="[tool.other]\n")
    assert read(tmp_path).notes == ()


def test_all_mistakes_at_once_with_line_and_nearest(tmp_path):
    write(tmp_path, pyproject="""[project]
name = "x"
[tool.mldebt]
exclud = ["a"]
min_confidence = "likely"
profile = "cor"
select = [
  "data",
  "fixed-treshold",
]
workers = 0
tests = "yes"
include = "src"
file-timeout = true
catalogue = ["../rows.toml", "missing.toml"]
exclude = ["[z-a]"]
[tool.mldebt.max-file-size]
notebok = 1
python = -1
[tool.mldebt.rules.pipeline-jungel]
x = 1
[tool.mldebt.rules.data]
x = 1
""")
    found = mistakes(tmp_path)
    assert found == [
        (4, "unknown key 'exclud'.", "exclude"),
        (5, "unknown key 'min_confidence'.", "min-confidence"),
        (6, "profile must be one of core, full, not 'cor'.", "core"),
        (9, "select names 'fixed-treshold', which is neither a rule nor a family.", "fixed-threshold"),
        (11, "workers must be a whole number from 1 on, not 0.", ""),
        (12, "tests must be true or false, not a string.", ""),
        (13, "include must be a list of strings, not a string.", ""),
        (14, "file-timeout must be a number of seconds from 0 to 86400, not a boolean.", ""),
        (15, "catalogue names '../rows.toml', which is outside the scanned folder.", ""),
        (15, "catalogue names 'missing.toml', which does not exist.", ""),
        (16, "the pattern '[z-a]' of exclude is not a valid pattern.", ""),
        (18, "max-file-size has no kind 'notebok'.", "notebook"),
        (19, "max-file-size.python must be a number of bytes above 0, not -1.", ""),
        (20, "there is no rule 'pipeline-jungel'.", "pipeline-jungle"),
        (22, "there is no rule 'data'.", ""),
    ]


def test_the_text_of_the_error(tmp_path):
    write(tmp_path, mldebt='\n\nfail-level = "warn"\nlibrary = 3\n')
    with pytest.raises(ConfigError) as raised:
        read(tmp_path)
    assert str(raised.value).splitlines() == [
        "mldebt.toml:3: fail-level must be one of error, warning, info, never, not 'warn'. "
        "Did you mean 'warning'?",
        'mldebt.toml:4: library must be true, false or "auto", not a number.',
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\nmldebt = {exclud = 1}",
        "tool.mldebt.tests = true\ntool.mldebt.exclud = 1",
        "[tool.'mldebt']\n'exclud' = 1",
    ],
)
def test_lines_of_other_spellings(tmp_path, text):
    assert mistakes(write(tmp_path, pyproject=text)) == [(2, "unknown key 'exclud'.", "exclude")]


def test_mldebt_is_no_table(tmp_path):
    assert mistakes(write(tmp_path, pyproject="[tool]\nmldebt = 1")) == [
        (2, "tool.mldebt must be a table, not a number.", "")
    ]


@pytest.mark.parametrize(
    "text", ["[tool.mldebt]\ntests = \n", "[tool.mldebt]\ntests = 'a", "mldebt = " + "[" * 100_000], ids=range(3)
)
def test_broken_toml(tmp_path, text):
    ((line, said, _),) = mistakes(write(tmp_path, pyproject=text))
    assert line == (2 if "tests" in text else 1)
    assert said.startswith("not valid TOML: ") and "Correct this line" in said


def test_a_broken_project_file_that_says_nothing_of_mldebt_stops_no_scan(tmp_path):
    assert read(write(tmp_path, pyproject="[project]\nversion = 1.0.0\n")) == Config()


def test_files_that_cannot_be_read(tmp_path):
    file = tmp_path / "mldebt.toml"
    file.write_bytes(b"tests = true\nx = '\xff'\n")
    assert mistakes(tmp_path) == [(2, "not UTF-8; save the file as UTF-8.", "")]
    file.write_bytes(b"#" * (1024 * 1024 + 1))
    assert "larger than" in mistakes(tmp_path)[0][1]


def test_links_that_leave_the_folder(tmp_path):
    outside, root = tmp_path / "outside.toml", tmp_path / "root"
    root.mkdir()
    outside.write_text("")
    (root / "rows.toml").symlink_to(outside)
    write(root, mldebt='catalogue = ["rows.toml", "/etc", "a\\u0000b"]')
    assert [text.split("which ")[1] for _, text, _ in mistakes(root)] == [
        "is outside the scanned folder.", "is not a usable path.", "is outside the scanned folder.",
    ]  # fmt: skip
    (root / "mldebt.toml").unlink()
    (root / "mldebt.toml").symlink_to(outside)
    assert "leaves the scanned folder" in mistakes(root)[0][1]


def test_hostile_names_are_escaped(tmp_path):
    write(tmp_path, mldebt='"\\u001b[31m\\u202e" = 1\nselect = ["\\u001b]0;x"]\n')
    with pytest.raises(ConfigError) as raised:
        read(tmp_path)
    assert len(raised.value.faults) == 2
    assert str(raised.value).replace("\n", "").isprintable()


def test_the_mistakes_of_contracts_are_told_together(tmp_path):
    write(tmp_path, mldebt="""
[contracts]
loose = "everybody"
[contracts.scores]
artifact = "scores"
ownr = "us"
consumers = []
[contracts.rents]
artifact = ["a", 3]
owner = 7
consumers = []
""")
    assert mistakes(tmp_path) == [
        (3, "the contract 'loose' must be a table, not a string.", ""),
        (4, "the contract 'scores' lacks owner.", ""),
        (6, "the contract 'scores' has no key 'ownr'.", "owner"),
        (9, "artifact must be a glob or a list of globs, not a list with other things in it.", ""),
        (10, "owner must be a string, not a number.", ""),
        (11, "consumers must be a glob or a list of globs, not empty.", ""),
    ]


def test_the_mistakes_of_excuses_are_told_with_their_lines(tmp_path):
    write(tmp_path, mldebt="""
[per-file-ignores]
"[z-a]" = ["data"]
"a/**" = ["dato"]
b = "data"
[[exceptions]]
artifact = "a"
model = "b"
rule = "data"
reason = "so"
[[exceptions]]
model = ""
rule = "fixed-treshold"
reasn = "so"
until = "2031-12-31"
[[exceptions]]
rule = 3
reason = " "
""")
    assert mistakes(tmp_path) == [
        (3, "the pattern '[z-a]' of per-file-ignores is not a valid pattern.", ""),
        (4, "per-file-ignores of 'a/**' names 'dato', which is neither a rule nor a family.", "data"),
        (5, "per-file-ignores of 'b' must be a list of strings, not a string.", ""),
        (6, "an exception names one of artifact, model, setting, function, fingerprint, not 2 of them.", ""),
        (11, "this exception lacks reason.", ""),
        (12, "model must be a string that says something, not a string.", ""),
        (13, "rule names 'fixed-treshold', which is neither a rule nor a family.", "fixed-threshold"),
        (14, "an exception has no key 'reasn'.", "reason"),
        (15, "until must be a day such as 2031-12-31, without quotes, not a string.", ""),
        (16, "an exception names one of artifact, model, setting, function, fingerprint, not 0 of them.", ""),
        (17, "rule must be a list of strings, not a number.", ""),
        (18, "reason must be a string that says something, not a string.", ""),
    ]


@pytest.mark.parametrize("text", ["per-file-ignores = 3", "exceptions = 3", "exceptions = [3]", "exceptions = [{}]"])
def test_excuses_of_the_wrong_form_are_refused(tmp_path, text):
    assert {line for line, _, _ in mistakes(write(tmp_path, mldebt=text))} == {1}
