"""What is kept: a damaged, foreign or missing entry is a miss, and no state of the database is an error."""

from __future__ import annotations

import ast
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mldebt import facts
from mldebt.extract import sql
from mldebt.facts import FileFacts
from mldebt.gather import cache, edition
from mldebt.gather.cache import Cache
from mldebt.gather.cache_folder import DATABASE, NAME, TAG, Unusable, folder_of, make, remove
from mldebt.gather.kept import Kept
from mldebt.source import Kind

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / NAME


def keep(folder: Path, **values: bytes) -> None:
    with Cache(folder, pytest.fail) as kept:
        for key, value in values.items():
            kept.put(key.encode(), value)


def kept(folder: Path, *keys: str) -> list[bytes | None]:
    with Cache(folder, pytest.fail) as found:
        return [found.get(key.encode()) for key in keys]


def test_what_is_kept_is_found_again(folder: Path) -> None:
    assert kept(folder, "a") == [None]
    assert not folder.exists()  # asking makes nothing
    keep(folder, a=b"one", b=b"")
    assert kept(folder, "a", "b", "c") == [b"one", b"", None]
    keep(folder, a=b"two")
    assert kept(folder, "a", "b") == [b"two", b""]


def test_it_is_marked_as_a_cache(folder: Path) -> None:
    keep(folder, a=b"one")
    assert (folder / TAG).read_text("ascii").startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert (folder / ".gitignore").read_text("ascii") == "*\n"


@pytest.mark.parametrize("column", ["proof = x'00'", "value = x'00'", "value = 'text'", "value = 7"])
def test_a_damaged_entry_is_a_miss(folder: Path, column: str) -> None:
    keep(folder, a=b"one", b=b"two")
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute(f"UPDATE kept SET {column} WHERE key = ?", (b"a",))
    assert kept(folder, "a", "b") == [None, b"two"]


def test_an_entry_under_the_key_of_another_is_a_miss(folder: Path) -> None:
    keep(folder, a=b"one")
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE kept SET key = ?", (b"b",))
    assert kept(folder, "b") == [None]


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(90), os.urandom(9000)])
def test_a_file_that_is_no_database_gives_way(folder: Path, content: bytes) -> None:
    make(folder)
    (folder / DATABASE).write_bytes(content)
    assert kept(folder, "a") == [None]
    keep(folder, a=b"one")
    assert kept(folder, "a") == [b"one"]


def test_a_database_that_is_cut_off_anywhere_gives_way(folder: Path) -> None:
    keep(folder, **{f"k{number}": bytes([number]) * 3000 for number in range(40)})
    whole = (folder / DATABASE).read_bytes()
    for size in (10, 100, 1000, 4096, 5000, 20_000, len(whole) - 4096, len(whole) - 1):
        (folder / DATABASE).write_bytes(whole[:size])
        found = kept(folder, *(f"k{number}" for number in range(40)))
        assert all(value in (None, bytes([number]) * 3000) for number, value in enumerate(found))
        keep(folder, new=b"one")
        assert kept(folder, "new") == [b"one"]


def test_a_database_with_other_bytes_never_gives_another_value(folder: Path) -> None:
    keep(folder, **{f"k{number}": bytes([number]) * 300 for number in range(40)})
    whole = (folder / DATABASE).read_bytes()
    for at in range(0, len(whole), 211):
        (folder / DATABASE).write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        found = kept(folder, *(f"k{number}" for number in range(40)))
        assert all(value in (None, bytes([number]) * 300) for number, value in enumerate(found)), at


@pytest.mark.parametrize(
    "change",
    ["PRAGMA user_version = 99", "PRAGMA application_id = 5", "CREATE TABLE other (x)",
     "CREATE TRIGGER t AFTER INSERT ON kept BEGIN DELETE FROM kept; END", "DROP TABLE kept"],
)  # fmt: skip
def test_a_database_of_another_version_or_form_gives_way(folder: Path, change: str) -> None:
    keep(folder, a=b"one")
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute(change)
    assert kept(folder, "a") == [None]
    keep(folder, b=b"two")
    assert kept(folder, "a", "b") == [None, b"two"]


def test_what_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    told: list[str] = []
    with Cache(tmp_path / "file" / NAME, told.append) as found:
        for number in range(3):
            found.put(bytes([number]), bytes(10))
            found.write()
        assert found.get(b"\0") is None
    assert len(told) == 1 and "cannot be written" in told[0] and "--no-cache" in told[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_only_read_still_gives_what_it_has(folder: Path) -> None:
    keep(folder, a=b"one")
    folder.chmod(0o500)
    (folder / DATABASE).chmod(0o400)
    told: list[str] = []
    with Cache(folder, told.append) as found:
        assert found.get(b"a") == b"one"
        assert told == []
        found.put(b"b", b"two")
    assert len(told) == 1
    folder.chmod(0o700)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work.txt").write_text("mine", "ascii")
    told: list[str] = []
    with Cache(tmp_path, told.append) as found:
        found.put(b"a", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["work.txt"]
    assert "holds files that are not mldebt's" in told[0]


def test_a_link_leads_nowhere(tmp_path: Path, folder: Path) -> None:
    """A repository may bring a link in place of its cache."""
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    told: list[str] = []
    with Cache(folder, told.append) as found:
        found.put(b"a", b"one")
    assert not list((tmp_path / "elsewhere").iterdir()) and "a link stands in its place" in told[0]
    assert remove(folder) is None
    folder.unlink()
    make(folder)
    (folder / DATABASE).symlink_to(tmp_path / "elsewhere" / "x")
    with pytest.raises(Unusable):
        make(folder)


def test_while_another_process_writes_nothing_waits_for_long_and_nothing_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(folder, a=b"one")
    monkeypatch.setattr(cache, "_SECONDS", 0.01)
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    keep(folder, b=b"two")
    assert kept(folder, "a") == [None]
    other.execute("COMMIT")
    other.close()
    assert kept(folder, "a", "b") == [b"one", None]


WRITER = """
import sys
from pathlib import Path
from mldebt.gather.cache import Cache
for turn in range(20):
    with Cache(Path(sys.argv[1]), print) as kept:
        for number in range(50):
            found = kept.get(b"%d" % number)
            assert found in (None, b"%d" % number * 100), found
            kept.put(b"%d" % number, b"%d" % number * 100)
"""


def test_processes_at_once_harm_nothing(folder: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(folder)]] * 3
    running = [subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for one in commands]
    assert [(one.communicate(timeout=120), one.returncode) for one in running] == [((b"", b""), 0)] * 3
    assert kept(folder, *map(str, range(50))) == [b"%d" % number * 100 for number in range(50)]


def test_it_does_not_grow_without_end_and_keeps_what_is_used(folder: Path) -> None:
    for turn in range(10):
        with Cache(folder, pytest.fail, largest=10_000) as found:
            assert turn == 0 or found.get(b"used") == bytes(1000)
            if turn == 0:
                found.put(b"used", bytes(1000))
            found.put(b"new %d" % turn, bytes(2500))
    with sqlite3.connect(folder / DATABASE) as database:
        sizes = dict(database.execute("SELECT key, size FROM kept").fetchall())
    assert sum(sizes.values()) <= 10_000 and b"used" in sizes and b"new 9" in sizes and b"new 0" not in sizes


def test_without_a_folder_nothing_is_kept() -> None:
    with Cache() as none:
        none.put(b"a", b"one")
        assert none.get(b"a") is None and not none.is_open()


def test_removal_takes_only_what_mldebt_made(folder: Path) -> None:
    assert remove(folder) is None
    keep(folder, a=b"one")
    (folder / "mine.txt").write_text("mine", "ascii")
    assert remove(folder) is False
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert remove(folder) is None  # without its tag it is no cache of ours
    (folder / "mine.txt").unlink()
    keep(folder, a=b"one")
    assert remove(folder) is True and not folder.exists()


def test_the_environment_may_name_the_folder(tmp_path: Path) -> None:
    assert folder_of(tmp_path, {}) == tmp_path / NAME
    assert folder_of(tmp_path, {"MLDEBT_CACHE_DIR": "/elsewhere"}) == Path("/elsewhere")


def test_facts_go_by_all_that_decides_them_and_by_nothing_else(folder: Path) -> None:
    made = FileFacts("sql", (0,))
    with Cache(folder) as found:
        Kept(found, "mysql").keep_facts("d1", Kind.SQL, "a.sql", made)
        Kept(found).keep_facts("d2", Kind.SETTINGS, "a.yaml", made)
        Kept(found).keep_facts("d3", Kind.PYTHON, "a.py", made)
        assert Kept(found, "mysql").facts("d1", Kind.SQL, "b.sql") == made  # renamed
        assert Kept(found, "spark").facts("d1", Kind.SQL, "a.sql") is None
        assert Kept(found).facts("d2", Kind.SETTINGS, "a.yaml") == made
        assert Kept(found).facts("d2", Kind.SETTINGS, "a.toml") is None  # its form is told by its name
        assert Kept(found, "spark").facts("d3", Kind.PYTHON, "b.py") == made
        assert Kept(found).facts("d3", Kind.PYTHON, "setup.py") is None
        assert Kept(found).facts("d3", Kind.NOTEBOOK, "a.py") is None
        assert Kept(found).facts("d4", Kind.PYTHON, "a.py") is None


def test_sql_goes_by_its_text_and_dialect(folder: Path) -> None:
    with Cache(folder, pytest.fail) as found:
        read = Kept(found).statements("SELECT a FROM t", "")
        assert [one.kind for one in read] == ["select"]
        assert Kept(found).statements("SELECT b FROM u", "") != read
    with Cache(folder, pytest.fail) as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "read_statements", pytest.fail)
        assert Kept(found).statements("SELECT a FROM t", "") == read
        with pytest.raises(pytest.fail.Exception):
            Kept(found).statements("SELECT a FROM t", "mysql")


def test_entries_that_are_no_facts_are_a_miss(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mldebt.gather.kept.pack", lambda facts: b"\x93\x01\x02\x03")
    monkeypatch.setattr("mldebt.gather.kept._encoder", type("E", (), {"encode": lambda self, words: b"\xc1"})())
    with Cache(folder) as found:
        Kept(found).keep_facts("d", Kind.PYTHON, "a.py", FileFacts("python", (0,)))
        Kept(found).keep_words(b"text", ("text",))
        assert Kept(found).facts("d", Kind.PYTHON, "a.py") is None
        assert Kept(found).words(b"text") is None


def imported(file: Path) -> set[str]:
    """The modules of mldebt that a file imports, as paths without an ending."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mldebt":
            path = (node.module or "").replace(".", "/").removeprefix("mldebt").removeprefix("/")
            found |= {f"{path}/{alias.name}".lstrip("/") for alias in node.names} | {path}
    return found


def test_the_edition_of_readers_covers_all_they_are_made_of() -> None:
    """Every module that a reader imports, and every table that those load."""
    package = ROOT / "mldebt"
    todo, seen = [*(package / "facts").glob("*.py"), *(package / "extract").rglob("*.py")], set()
    while todo:
        file = todo.pop()
        seen.add(file)
        for name in imported(file):
            files = (package / f"{name}.py", package / name / "__init__.py")
            todo += [path for path in files if path.is_file() and path not in seen]
    names = {path.relative_to(package).as_posix() for path in seen}
    assert [name for name in sorted(names) if not name.startswith(edition.READERS)] == []
    tables = {word for path in seen for word in ast.walk(ast.parse(path.read_text("utf-8")))
              if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value.endswith(".toml")
              and (ROOT / "rules" / word.value).is_file()}  # fmt: skip
    assert [word.value for word in tables if f"rules/{word.value}" not in edition.READERS] == []


def test_another_edition_reads_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = facts.FileFacts("python", (0,))
    with Cache(folder) as found:
        Kept(found).keep_facts("d", Kind.PYTHON, "a.py", made)
        monkeypatch.setattr(edition, "readers", lambda: b"another")
        assert Kept(found).facts("d", Kind.PYTHON, "a.py") is None
