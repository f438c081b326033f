"""What was made of content before, by keys that name all it was made of: one SQLite database in a folder of its own.

An entry that is damaged, foreign or gone is a miss, and a write that fails is only a loss: whatever becomes of the
database, the same comes out of a scan, at most later. Each entry has a checksum over its key and value.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from mldebt.gather.cache_folder import DATABASE, make, refuse_link

if TYPE_CHECKING:
    import sqlite3

FORM = 1
LARGEST = 256 * 1024 * 1024
"""The bytes above which entries are dropped: those first that the run did not use, the oldest of them first."""
_MARK = 0x6D6C6465
_SECONDS = 0.5  # another process that writes is done in less
_PENDING = 8 * 1024 * 1024
_SCHEMA = "CREATE TABLE kept (key BLOB PRIMARY KEY, size INTEGER NOT NULL, proof BLOB NOT NULL, value BLOB NOT NULL)"
_CURE = "The next scan reads everything anew. Name another folder with --cache-dir, or use --no-cache."

Warn = Callable[[str], None]


class Cache:
    """What is kept in a folder; without one nothing is. `warn` is told when nothing can be kept, once.

    As a context, what is new is written at its end. The folder is made by the first write.
    """

    def __init__(self, folder: Path | None = None, warn: Warn | None = None, largest: int = LARGEST) -> None:
        self._folder, self._warn, self._largest = folder, warn, largest
        self._reader = None if folder is None else _reader(folder)
        self._pending: dict[bytes, bytes] = {}
        self._size = 0
        self._used: set[bytes] = set()

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.write()
        self._stop_reading()

    def is_open(self) -> bool:
        """Whether anything can be kept."""
        return self._folder is not None

    def get(self, key: bytes) -> bytes | None:
        """What was kept under a key; None for a miss."""
        if key in self._pending or self._reader is None:
            return self._pending.get(key)
        import sqlite3

        try:
            found = self._reader.execute("SELECT proof, value FROM kept WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:  # damaged, or another process is at it: all that follows is a miss
            self._stop_reading()
            return None
        if found is None or not isinstance(found[1], bytes) or found[0] != _proof(key, found[1]):
            return None
        self._used.add(key)
        return found[1]

    def put(self, key: bytes, value: bytes) -> None:
        """Keeps a value; it takes the place of an earlier one of the same key."""
        if self._folder is None:
            return
        self._pending[key] = value
        self._size += len(value)
        if self._size > _PENDING:
            self.write()

    def write(self) -> None:
        """Writes what is new. Where another process writes for too long, it is lost."""
        new, self._pending, self._size = self._pending, {}, 0
        if self._folder is None or not new:
            return
        import sqlite3

        self._used.update(new)
        try:
            make(self._folder)
            _write(self._folder / DATABASE, new, self._used, self._largest)
        except (sqlite3.Error, OSError) as error:
            if not _is_busy(error):
                self._give_up(str(getattr(error, "strerror", None) or error))

    def _give_up(self, why: str) -> None:
        if self._warn is not None:
            self._warn(f"The cache {self._folder} cannot be written: {why}. {_CURE}")
        self._folder = None

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None


def _reader(folder: Path) -> sqlite3.Connection | None:
    """The database to read from; None where there is none of ours."""
    file = folder / DATABASE
    try:
        refuse_link(folder)
        if not file.is_file():
            return None
        import sqlite3
    except (OSError, ImportError):
        return None
    database = None
    try:
        database = _connected(file, "rw")
        if _is_ours(database):
            return database
    except sqlite3.Error:
        pass
    if database is not None:
        database.close()
    return None


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    import sqlite3

    address = f"{file.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(address, timeout=_SECONDS, isolation_level=None, uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA synchronous = OFF")  # what a crash of the machine damages is read anew
    return database


def _is_ours(database: sqlite3.Connection) -> bool:
    marks = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    schema = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    return tuple(marks) == (_MARK, FORM) and database.execute(schema).fetchall() == [(_SCHEMA,)]


def _write(file: Path, new: Mapping[bytes, bytes], used: Collection[bytes], largest: int) -> None:
    """Writes entries; a database that cannot be used makes room for one that can. Raises sqlite3.Error and OSError."""
    import sqlite3

    try:
        _added(file, new, used, largest)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        file.unlink()
        file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
        _added(file, new, used, largest)


def _added(file: Path, new: Mapping[bytes, bytes], used: Collection[bytes], largest: int) -> None:
    import sqlite3

    with contextlib.closing(_connected(file, "rwc")) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                database.execute(f"PRAGMA application_id = {_MARK}")
                database.execute(f"PRAGMA user_version = {FORM}")
                database.execute(_SCHEMA)
            elif not _is_ours(database):
                raise sqlite3.DatabaseError("of another version")
            entries = ((key, len(value), _proof(key, value), value) for key, value in new.items())
            database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", entries)
            _make_room(database, used, largest)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise


def _make_room(database: sqlite3.Connection, used: Collection[bytes], largest: int) -> None:
    """Drops entries until a quarter of the room is free, when there is none left."""
    entries = database.execute("SELECT key, size FROM kept ORDER BY rowid").fetchall()
    size = sum(size for _, size in entries)
    if size <= largest:
        return
    for key, bytes_of_it in sorted(entries, key=lambda entry: entry[0] in used):
        if size <= largest * 3 // 4:
            break
        database.execute("DELETE FROM kept WHERE key = ?", (key,))
        size -= bytes_of_it


def _proof(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, key=key[:64], digest_size=16).digest()


def _is_busy(error: Exception) -> bool:
    return any(word in str(error) for word in ("locked", "busy"))
