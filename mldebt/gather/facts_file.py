"""A repository's facts as one file, made where the repository lies and linked elsewhere.

The first line says what it is, in ASCII: the version of this form, the version of the readers, the size and the
digest of the content. Behind it comes a `Snapshot` with its name, packed and compressed. Nothing in it is ever
run; whoever made it, what comes out of `unpack` is as sound as what a reader here makes, or it is refused.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import msgspec

from mldebt.config import FAIL_LEVELS, PROFILES
from mldebt.facts import READER_VERSION
from mldebt.gather.snapshot import Snapshot
from mldebt.gather.soundness import unsound

FORM = 1
LARGEST_CONTENT = 256 * 1024 * 1024
LARGEST_FILE = 128 * 1024 * 1024
_HEAD = re.compile(rb"mldebt facts (\d{1,9}) readers (\d{1,9}) size (\d{1,12}) digest ([0-9a-f]{32})\n")
_LONGEST_HEAD = 128
_AGAIN = "Make it again with this version: mldebt facts REPO -o FILE"


class BadFacts(ValueError):
    """A file of facts cannot be used; the text says why, and what to do."""


class _Named(msgspec.Struct, frozen=True, array_like=True):
    name: str
    snapshot: Snapshot


def pack(name: str, snapshot: Snapshot) -> bytes:
    """The facts of the repository `name` as the content of a file; equal facts give equal bytes."""
    content = msgspec.msgpack.encode(_Named(name, snapshot), enc_hook=plain)
    if len(content) > LARGEST_CONTENT:
        raise BadFacts(f"The facts are larger than {LARGEST_CONTENT} bytes. Leave something out with exclude.")
    return _head(content) + zlib.compress(content, 6)


def load(file: Path) -> tuple[str, Snapshot]:
    """The name and the facts that a file holds. Raises BadFacts, which names the file."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadFacts(f"{file} cannot be read ({error.strerror}). mldebt facts REPO -o FILE makes one.") from error
    if len(data) > LARGEST_FILE:
        raise BadFacts(f"{file} is larger than {LARGEST_FILE} bytes; it is not read.")
    try:
        return unpack(data)
    except BadFacts as error:
        raise BadFacts(f"{file} {error}") from error


def unpack(data: bytes) -> tuple[str, Snapshot]:
    """The name and the facts that a file holds. Raises BadFacts."""
    head = _HEAD.match(data[:_LONGEST_HEAD])
    if head is None:
        raise BadFacts(f"is no file of facts. {_AGAIN}")
    form, readers, size, _ = (int(part) if part.isdigit() else 0 for part in head.groups())
    if form > FORM or readers > READER_VERSION:
        raise BadFacts("was made by a newer mldebt. Update mldebt here, or make it with this version.")
    if form < FORM or readers < READER_VERSION:
        raise BadFacts(f"was made by an older mldebt, whose facts say less. {_AGAIN}")
    content = _content(data[head.end() :], size)
    if head.group() != _head(content):
        raise BadFacts(f"is damaged: its content is not what its first line says. {_AGAIN}")
    try:
        found = msgspec.msgpack.decode(content, type=_Named)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadFacts(f"holds no facts ({error}). {_AGAIN}") from error
    fault = _fault(found.name, found.snapshot)
    if fault:
        raise BadFacts(f"holds facts that no reader makes: {fault}. {_AGAIN}")
    return found.name, found.snapshot


def plain(value: object) -> object:
    """Tables of the configuration, which are read-only there, as dictionaries."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"no form for {type(value).__name__}")


def _head(content: bytes) -> bytes:
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return f"mldebt facts {FORM} readers {READER_VERSION} size {len(content)} digest {digest}\n".encode()


def _content(packed: bytes, size: int) -> bytes:
    """What was compressed, never more than was told and allowed."""
    if size > LARGEST_CONTENT:
        raise BadFacts(f"says that it holds {size} bytes; at most {LARGEST_CONTENT} are read.")
    opened = zlib.decompressobj()
    try:
        content = opened.decompress(packed, size + 1)
    except zlib.error as error:
        raise BadFacts(f"is damaged ({error}). {_AGAIN}") from error
    if len(content) < size:
        raise BadFacts(f"is cut off: {len(content)} of {size} bytes are there. Copy it again, or make it again.")
    return content


def _fault(name: str, snapshot: Snapshot) -> str:
    """What a reader here would never have made; empty if nothing is."""
    paths = [source.path for source, _ in snapshot.files]
    told = [problem.at.path for problem in snapshot.problems]
    named = [*paths, *snapshot.others, *(path for path, _ in snapshot.words), *(path for path in told if path != ".")]
    if not name or any(not _is_inside(path) for path in (name, *named)):
        return "a path that leaves the repository"
    if len(set(paths)) < len(paths):
        return "a file that stands there twice"
    if snapshot.config.profile not in PROFILES or snapshot.config.fail_level not in FAIL_LEVELS:
        return "a configuration with a value that cannot be"
    return next((f"{source.path}: {why}" for source, facts in snapshot.files if (why := unsound(facts))), "")


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and "/".join(parts) == path and ".." not in parts and not path.startswith("/")
