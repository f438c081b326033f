"""Facts as a file: the same findings as from the repository, nothing of its machine, and nothing hostile gets in."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mldebt import analysis
from mldebt.facts import Attribute, FileFacts, Load, Show, Unit, pack_steps
from mldebt.gather import facts_file
from mldebt.gather.facts_file import BadFacts, load, pack, unpack
from mldebt.gather.snapshot import Snapshot, take
from mldebt.source import Kind, Problem, Purpose, SourceFile, Span
from tests.scanning import TOP
from tests.test_cli import mldebt

CHURN = TOP / "fixtures" / "repos" / "churn"
ASKED = ("--profile", "full", "--min-confidence", "hint", "--output-format", "json", "--exit-zero")


EXCUSES = """
per-file-ignores = {"notebooks/" = ["data"]}
exceptions = [{model = "*", rule = "fixed-threshold", reason = "so", until = 2001-12-31}]
"""


def snapshot(*files: tuple[str, FileFacts], **changes: Any) -> Snapshot:
    sources = tuple((SourceFile(path, Kind.PYTHON, Purpose.PRODUCTION, "0", 1), facts) for path, facts in files)
    return msgspec.structs.replace(Snapshot(analysis.Config(), sources), **changes)


def one_unit(*steps: Any, **changes: Any) -> FileFacts:
    unit = Unit("", "module", "", -1, 0, 9, (), (), pack_steps(list(steps)))
    return FileFacts("python", (0,), (msgspec.structs.replace(unit, **changes),))


def test_facts_give_the_same_bytes_as_the_repository(tmp_path: Path) -> None:
    shutil.copytree(CHURN, tmp_path / "churn", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "churn" / "mldebt.toml").write_text(EXCUSES, "utf-8")
    file = tmp_path / "churn.facts"
    assert mldebt("facts", str(tmp_path / "churn"), "-o", str(file)).returncode == 0
    there = mldebt("scan", str(tmp_path / "churn"), *ASKED).stdout
    shutil.rmtree(tmp_path / "churn")
    assert mldebt("scan", "--facts", str(file), *ASKED).stdout == there
    assert there.count(b'"rule"') > 10
    assert b"was good until 2001-12-31, and holds no more" in there


def test_facts_and_folders_are_linked_together(tmp_path: Path) -> None:
    case = TOP / "fixtures" / "_repositories" / "table_of_another_team"
    file = tmp_path / "pricing.facts"
    mldebt("facts", str(case / "pricing"), "-o", str(file))
    mixed = mldebt("scan", str(case / "letters"), "--facts", str(file), *ASKED).stdout
    assert mixed == mldebt("scan", str(case / "letters"), str(case / "pricing"), *ASKED).stdout
    assert b"undeclared-consumer" in mixed


def test_equal_repositories_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(CHURN, tmp_path / name / "churn", ignore=shutil.ignore_patterns("__pycache__"))
        mldebt("facts", str(tmp_path / name / "churn"), "-o", str(tmp_path / f"{name}.facts"), "--workers", "2")
    assert (tmp_path / "one.facts").read_bytes() == (tmp_path / "two.facts").read_bytes()


def test_nothing_of_the_machine_and_no_secret_is_in_the_file(tmp_path: Path) -> None:
    root = tmp_path / "somewhere" / "deep" / "shop"
    root.mkdir(parents=True)
    (root / "a.py").write_text('import os\n\npassword = "Rotterdam-7"\nurl = "postgresql://me:Utrecht9@db/x"\n')
    (root / "run.sh").write_text("export API_KEY=Eindhoven42\npython a.py --token Groningen55\n")
    (root / "conf.yaml").write_text("database:\n  password: Maastricht8\n")
    (root / "broken.py").write_text("def (:\n")
    file = tmp_path / "shop.facts"
    assert mldebt("facts", str(root), "-o", str(file)).returncode == 0
    content = zlib.decompress(file.read_bytes().split(b"\n", 1)[1])
    for word in ("somewhere", "Rotterdam-7", "Utrecht9", "Eindhoven42", "Groningen55", "Maastricht8"):
        assert word.encode() not in content, word


def test_the_name_can_be_given_and_names_that_meet_are_told(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.py").write_text("x = 1\n")
    for name in ("shop", "store"):
        file = tmp_path / f"{name}.facts"
        mldebt("facts", str(tmp_path / "shop"), "-o", str(file), "--name", name)
        assert load(file)[0] == name
    both = [str(tmp_path / "shop.facts"), "--facts", str(tmp_path / "shop.facts")]
    done = mldebt("scan", "--facts", *both[:1], "--facts", str(shutil.copy(both[0], tmp_path / "again.facts")))
    assert done.returncode == 2
    assert b"called 'shop'" in done.stderr
    assert b"--name NAME" in done.stderr


def test_a_repository_without_files_or_with_a_lost_file_says_so(tmp_path: Path) -> None:
    done = mldebt("facts", str(tmp_path), "-o", str(tmp_path / "x.facts"))
    assert done.returncode == 2
    assert b"Nothing to read" in done.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: b"", "is no file of facts"),
        (lambda data: b"PK\x03\x04" + data, "is no file of facts"),
        (lambda data: data.replace(b"facts 1 ", b"facts 2 ", 1), "made by a newer mldebt"),
        (lambda data: data.replace(b" readers ", b" readers 99", 1), "made by a newer mldebt"),
        (lambda data: data.replace(b"facts 1 ", b"facts 0 ", 1), "made by an older mldebt"),
        (lambda data: data[:-20], "is cut off"),
        (lambda data: data[: data.index(b"\n") + 1], "is cut off"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "is damaged"),
        (lambda data: data.replace(b" size ", b" size 9", 1), "is cut off"),
        (lambda data: data.replace(b" size ", b" size 999999999", 1), "at most"),
        (lambda data: data.replace(b"digest ", b"digest 0", 1)[:-1], "is no file of facts"),
    ],
)
def test_a_file_that_is_not_whole_or_not_ours_is_refused(change: Callable[[bytes], bytes], told: str) -> None:
    data = pack("a", snapshot(("a.py", one_unit())))
    with pytest.raises(BadFacts, match=told):
        unpack(change(data))


def test_content_is_never_unpacked_beyond_what_is_told() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000)
    head = facts_file._head(b"\0" * 10)
    with pytest.raises(BadFacts, match="is damaged"):
        unpack(head + bomb)


@pytest.mark.parametrize("content", [b"\xc0", b"\x92\xa1a\x93", b"\x91" * 100_000 + b"\xc0", b"\xdd\xff\xff\xff\xff"])
def test_foreign_content_is_refused(content: bytes) -> None:
    with pytest.raises(BadFacts, match=r"holds no facts|is cut off"):
        unpack(facts_file._head(content) + zlib.compress(content))


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.py", "a/../../b.py", "", "a//b.py", "./a.py"])
def test_paths_that_leave_the_repository_are_refused(path: str) -> None:
    for given in (snapshot((path, one_unit())), snapshot(others=(path,)), snapshot(words=((path, ("x",)),))):
        with pytest.raises(BadFacts, match="leaves the repository"):
            unpack(pack("a", given))
    told = Problem(Span(path or "/", 1), "io", "x")
    with pytest.raises(BadFacts, match="leaves the repository"):
        unpack(pack("a", snapshot(problems=(told,))))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (FileFacts("python", ()), "lines"),
        (FileFacts("python", (0, 9, 3)), "lines"),
        (one_unit(parent=0), "a unit inside"),
        (one_unit(start=-5), "a place"),
        (one_unit(body=b"\xc1"), "cannot be read"),
        (one_unit(exports=(("x", 7),)), "an export"),
        (one_unit(Load(0, 1, "x"), names=((3, "y"),)), "a name"),
        (one_unit(Show(0, 1, 5)), "a value that is not there"),
        (one_unit(Load(0, 1, "x"), Attribute(0, 1, 1, "y")), "a value that is not there"),
        (one_unit(Load(9, 1, "x")), "a step at a place"),
    ],
)
def test_facts_that_no_reader_makes_are_refused(facts: FileFacts, told: str) -> None:
    with pytest.raises(BadFacts, match=told):
        unpack(pack("a", snapshot(("a.py", facts))))


def test_what_readers_make_of_every_kind_of_file_is_sound(tmp_path: Path) -> None:
    cases = TOP / "fixtures"
    for root in (cases / "_facts", cases / "_links", CHURN):
        given = take(root, analysis.configure(tmp_path, {}))
        assert unpack(pack("a", given)) == ("a", given)
