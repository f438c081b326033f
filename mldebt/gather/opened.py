"""Opening a scanned file so that no link, pipe, device or size can harm the scan."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Refused(Exception):
    """A file that is not read; `code` as in `Problem`."""

    def __init__(self, code: str, text: str, cure: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.cure = cure


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises FileNotFoundError, and Refused for everything else that is in the way.
    """
    return _read(path, limit, whole=True)


def read_head(path: Path, size: int) -> bytes:
    """The first `size` bytes of a regular file. Raises as `read_bytes` does."""
    return _read(path, size, whole=False)


def _read(path: Path, limit: int, whole: bool) -> bytes:
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused("io", "this is not a regular file")
            if whole and status.st_size > limit:
                raise _too_large(limit)
            data = _all_of(file.fileno(), limit + whole)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "its name is not valid here").lower()
        raise Refused("io", f"the file cannot be read: {why}", "check its permissions") from error
    if whole and len(data) > limit:
        raise _too_large(limit)  # it grew meanwhile
    return data


def _all_of(descriptor: int, most: int) -> bytes:
    chunks = []
    while most > 0:
        chunk = os.read(descriptor, min(most, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> Refused:
    return Refused(
        "too-large",
        f"the file is larger than {limit} bytes and is not read",
        "exclude it, or raise max-file-size in the configuration",
    )
