"""From a folder to facts and problems."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from mldebt.config import Config, Limits
from mldebt.facts import Cell, FileFacts, Trouble
from mldebt.gather import gather
from mldebt.gather.troubles import place
from mldebt.source import Kind, Purpose, Span


def reader(kind: Kind, data: bytes, name: str) -> FileFacts:
    if data == b"exit":
        os._exit(1)
    text = data.decode("utf-8", "replace")
    lines = (0, *(at + 1 for at, char in enumerate(text) if char == "\n"))
    at = text.find("BAD")
    troubles = (Trouble(at, "syntax", "bad", "mend it"),) if at >= 0 else ()
    return FileFacts(kind.value, lines, troubles=troubles, all_names=(name,))


def collect(root, config=Config(), **options):  # noqa: B008
    return gather(root, config, **{"workers": 1, "reader": reader, **options})


def paths(gathered):
    return [source.path for source, _ in gathered.files]


def test_kinds_purposes_and_digests(fill):
    root = fill({
        "train.py": "x", "copy.py": "x", "run": "#!/usr/bin/env python\n", "notes": "text", "a.ipynb": "{}",
        "conf.yaml": "a: 1", "data.csv": "1", "tests/test_a.py": "", "big.json": "[" + " " * (1 << 20) + "]",
    })  # fmt: skip
    gathered = collect(root)
    found = {source.path: (source.kind, source.purpose) for source, _ in gathered.files}
    assert found == {
        "a.ipynb": (Kind.NOTEBOOK, Purpose.PRODUCTION),
        "conf.yaml": (Kind.SETTINGS, Purpose.PRODUCTION),
        "copy.py": (Kind.PYTHON, Purpose.PRODUCTION),
        "run": (Kind.PYTHON, Purpose.PRODUCTION),
        "tests/test_a.py": (Kind.PYTHON, Purpose.TEST),
        "train.py": (Kind.PYTHON, Purpose.PRODUCTION),
    }
    assert list(found) == sorted(found)
    assert gathered.others == ("big.json", "data.csv", "notes")
    digests = {source.path: source.digest for source, _ in gathered.files}
    assert digests["train.py"] == digests["copy.py"] != digests["run"]
    assert (gathered.complete, gathered.problems) == (True, ())


def test_one_and_two_workers_give_the_same(fill):
    files = {f"pkg/m{number}.py": "x = 1\n" * (number * 7 % 300) for number in range(300)}
    root = fill({**files, "bad.py": "exit", "odd.py": "a\nBAD"})
    one, two = collect(root), collect(root, workers=2)
    assert replace(one, ignored_by_git=two.ignored_by_git) == two
    assert len(one.files) == 301
    told = [(problem.at.path, problem.code) for problem in one.problems]
    assert told == [("bad.py", "crash"), ("odd.py", "syntax")]


def test_a_crash_makes_the_run_incomplete_and_a_bad_file_does_not(fill):
    assert collect(fill({"odd.py": "BAD"})).complete
    crashed = collect(fill({"worse.py": "exit"}))
    assert not crashed.complete
    assert crashed.others == ("worse.py",)


def test_include_and_exclude(fill):
    root = fill({"src/a.py": "", "src/old/b.py": "BAD", "c.py": "", "d.yaml": ""})
    gathered = collect(root, Config(include=("src/", "*.yaml"), exclude=("src/old/",)))
    assert paths(gathered) == ["d.yaml", "src/a.py"]
    assert gathered.others == ("c.py", "src/old/b.py")
    assert gathered.problems == ()
    assert paths(collect(root, Config(exclude=("*.py", "!c.py")))) == ["c.py", "d.yaml"]


def test_problems_of_an_excluded_place_are_not_told(fill, tmp_path):
    (tmp_path / "x.py").write_text("")
    root = fill({"a.py": ""})
    (root / "leak.py").symlink_to(tmp_path / "x.py")
    assert [problem.at.path for problem in collect(root).problems] == ["leak.py"]
    assert collect(root, Config(exclude=("leak.py",))).problems == ()


def test_limits_and_pointers(fill):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    root = fill({"large.py": "x" * 101, "fits.py": "x" * 100, "lfs.ipynb": pointer, "conf.yaml": "x" * 11})
    limits = Limits(python=100, settings=10)
    gathered = collect(root, Config(max_file_size=limits))
    assert paths(gathered) == ["fits.py"]
    assert [(problem.at.path, problem.code) for problem in gathered.problems] == [
        ("conf.yaml", "too-large"), ("large.py", "too-large"), ("lfs.ipynb", "truncated"),
    ]  # fmt: skip
    assert all(problem.cure for problem in gathered.problems)
    assert gathered.complete


def test_a_file_that_may_not_be_read(fill, monkeypatch):
    root = fill({"a.py": "", "shut.py": ""})
    opened = os.open

    def refuse(path, flags, *rest):
        if os.fspath(path).endswith("shut.py"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    gathered = collect(root)
    assert paths(gathered) == ["a.py"]
    assert [(problem.code, problem.text) for problem in gathered.problems] == [
        ("io", "the file cannot be read: permission denied")
    ]


def test_bytes_that_are_no_text(fill):
    gathered = collect(fill({"a.py": b"\xff\xfe\x00BAD"}))
    assert [problem.at for problem in gathered.problems] == [Span("a.py", 1, 4, 1, 4, 0, 1)]


def test_names_that_are_no_utf8(fill):
    root = fill({"a.py": ""})
    with open(os.fsencode(root) + b"/odd\xff.py", "wb") as file:  # noqa: PTH123
        file.write(b"\nBAD")
    gathered = collect(root)
    name = os.fsdecode(b"odd\xff.py")
    assert paths(gathered) == ["a.py", name]
    assert gathered.problems[0].at == Span(name, 2, 1, 2, 1, 0, 2)
    assert gathered.files[1][1].all_names == (name.encode("utf-8", "replace").decode(),)


def test_progress_ends_at_the_total(fill):
    told = []
    collect(fill({"a.py": "", "b.py": "exit", "z.py": "version https://git-lfs.github.com/spec/v1"}),
            progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0, Span("n", 1, 1, 1, 1, 2, 10)),
        (5, Span("n", 2, 2, 2, 2, 2, 11)),
        (9, Span("n", 1, 2, 1, 2, 4, 30)),
        (99, Span("n", 1, 92, 1, 92, 4, 30)),
    ],
)
def test_places_in_a_notebook(offset, expected):
    cells = (Cell(2, 0, (10, 11)), Cell(4, 2, (30,)))
    assert place("n", FileFacts("notebook", (0, 4, 8), cells=cells), offset) == expected


def test_the_real_reader(fill):
    gathered = gather(fill({"a.py": "def f(:\n", "b.py": "x = 1\n", "c.yaml": "a: 1\n"}), Config(workers=2))
    assert [(source.path, facts.kind) for source, facts in gathered.files] == [
        ("a.py", "python"), ("b.py", "python"), ("c.yaml", "settings"),
    ]  # fmt: skip
    assert [(problem.at.path, problem.code) for problem in gathered.problems] == [("a.py", "syntax")]
    assert gathered.complete


def test_crowds_of_json_files_are_data(fill, monkeypatch):
    monkeypatch.setattr("mldebt.gather.alike.MOST_ALIKE", 2)
    crowd = {f"results/run_{number}/metrics.json": "{}" for number in range(3)}
    gathered = collect(fill({**crowd, "conf/a.json": "{}", "conf/b.json": "{}", "results/view.yaml": "a: 1"}))
    assert paths(gathered) == ["conf/a.json", "conf/b.json", "results/view.yaml"]
    assert [(problem.at.path, problem.code) for problem in gathered.problems] == [("results", "bound")]
    assert set(crowd) <= set(gathered.others)


def test_dumps_in_sql_are_told(fill):
    rows = "INSERT INTO t VALUES (1);\n" * 90_000
    gathered = collect(fill({"dump.sql": rows, "tables.sql": "CREATE TABLE t (a int);"}))
    assert paths(gathered) == ["tables.sql"]
    assert [(problem.at.path, problem.code) for problem in gathered.problems] == [("dump.sql", "bound")]
