"""Owners of files: GitHub's rules for CODEOWNERS, and what it skips."""

from __future__ import annotations

import json

import pytest

from mldebt.cli import run
from mldebt.gather.owners import LARGEST, Owners, OwnersFile, owners_of, parse, read_owners


def owns(pattern: str, path: str) -> bool:
    rules, problems = parse(f"{pattern} @a", "CODEOWNERS")
    assert not problems
    return owners_of(rules, path) == ("@a",)


@pytest.mark.parametrize(
    ("pattern", "meant", "not_meant"),
    [
        ("*", ["a.py", "b/c/d.py"], []),
        ("**", ["a.py", "b/c/d.py"], []),
        ("*.sql", ["a.sql", "b/c.sql", "old.sql/readme.txt"], ["a.sqlx", "b/sql"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["build/logs", "x/build/logs/a"]),
        ("docs/*", ["docs/a.md"], ["docs/build/a.md", "x/docs/a.md", "docs"]),
        ("apps/", ["apps/a", "x/apps/b/c"], ["apps", "apps2/a"]),
        ("/docs/", ["docs/a/b"], ["x/docs/a"]),
        ("/scripts", ["scripts", "scripts/a/b.sh"], ["x/scripts"]),
        ("**/logs", ["logs", "logs/a", "x/y/logs/a"], ["x/logs2"]),
        ("a/**/z.py", ["a/z.py", "a/b/c/z.py"], ["a/b/c/y.py", "b/a/z.py"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
        ("training/models", ["training/models/a.py"], ["x/training/models/a.py"]),
        ("d?ta/*.csv", ["data/a.csv"], ["d/ta/a.csv", "data/b/a.csv"]),
        ("my\\ files/", ["my files/a"], ["my"]),
        ("\\*.py", ["*.py"], ["a.py"]),
        ("/", [], ["a", "a/b"]),
        ("Data/", ["Data/a"], ["data/a"]),
    ],
)  # fmt: skip
def test_a_pattern_means_what_it_means_to_github(pattern: str, meant: list[str], not_meant: list[str]) -> None:
    assert [path for path in [*meant, *not_meant] if owns(pattern, path)] == meant


def test_the_last_line_that_matches_decides_even_for_nobody() -> None:
    text = "* @org/all\n/apps/ @app a@b.example # and a word\n\n# a comment @x\n/apps/free\n"
    rules, problems = parse(text, "CODEOWNERS")
    assert not problems
    paths = ("a.py", "apps/a.py", "apps/free/a.py")
    assert [owners_of(rules, path) for path in paths] == [("@org/all",), ("@app", "a@b.example"), ()]


@pytest.mark.parametrize(
    "line", ["!a.py @a", "\\#a @a", "[ab].py @a", "a***b @a", "a.py nobody", "a.py @", "a.py @a/b/c"]
)
def test_a_line_that_github_skips_is_a_problem_at_its_place(line: str) -> None:
    rules, problems = parse(f"* @all\n{line}\n", "CODEOWNERS")
    assert owners_of(rules, "a.py") == ("@all",)
    assert [(one.at.path, one.at.line, one.code) for one in problems] == [("CODEOWNERS", 2, "line-syntax")]


def test_stars_cost_no_time() -> None:
    rules, _ = parse("**/" * 100 + "*a" * 100 + "b @a", "CODEOWNERS")
    assert owners_of(rules, "/".join(["a" * 200] * 100) + "/b") == ()


def held(root, name: str = "") -> Owners:
    file, problems = read_owners(root)
    assert file is not None and not problems
    return Owners({name: file})


def test_the_first_of_three_places_holds(fill) -> None:
    root = fill({"docs/CODEOWNERS": "* @docs", "CODEOWNERS": "* @top"})
    assert held(root).of("a.py") == ("@top",)
    fill({".github/CODEOWNERS": "/only/ @hidden"})
    assert held(root).of("a.py") == ()


def test_a_folder_of_a_repository_is_owned_by_the_file_above_it(fill) -> None:
    root = fill({"CODEOWNERS": "/inner/a.py @a\nb.py b", "inner/a.py": "", ".git/HEAD": ""})
    owners = held(root / "inner")
    assert owners.of("a.py") == ("@a",) and owners.of("b.py") == ()


def test_several_repositories_have_their_own() -> None:
    owners = Owners({"one": OwnersFile("a.py @one"), "two": OwnersFile("/in/a.py @two", "in/")})
    assert (owners.of("one/a.py"), owners.of("two/a.py"), owners.of("three/a.py")) == (("@one",), ("@two",), ())


def test_a_file_that_cannot_be_read_is_a_problem(fill) -> None:
    root = fill({"CODEOWNERS": b"#" * (LARGEST + 1)})
    assert [problem.code for problem in read_owners(root)[1]] == ["too-large"]
    assert read_owners(fill({"CODEOWNERS": ""}).parent) == (None, ())


def test_findings_name_their_owners(fill, capsys) -> None:
    root = fill({"CODEOWNERS": "* @org/all\n/broken.py @me\n?? [x]", "broken.py": "def f(:\n", "fine.py": "x = 1\n"})
    run(["scan", str(root), "--output-format", "json"])
    said = json.loads(capsys.readouterr().out)
    assert [(one["path"], one["owners"]) for one in said["findings"]] == [("broken.py", ["@me"])]
    assert ("CODEOWNERS", 3) in {(one["path"], one["line"]) for one in said["problems"]}
