"""What happens inside a worker process: bytes in, packed facts or a reason out."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection

import msgspec

from mldebt.facts import FileFacts, pack
from mldebt.source import Kind

Reader = Callable[[Kind, bytes, str], FileFacts]
Job = tuple[str, bytes, str]  # the kind's value, the content, the file's name without its folders

HELLO = b"hello"
LONGEST_REASON = 300
PARENT_CHECK_SECONDS = 1.0
# Parsers recurse once or more for each level of nesting; a thread's stack costs only what it uses.
_STACKS = (512 << 20, 64 << 20, 8 << 20)
_STACK_PER_CALL = 5 << 10


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """Why a file has no facts; `code` and texts as in `Problem`. `ours`: mldebt failed, not the file."""

    code: str
    text: str
    cure: str = ""
    ours: bool = True


def serve(connection: Connection, strangers: Iterable[Connection], reader: Reader) -> None:
    """Say HELLO, then answer batches of jobs, a message for each job, until the other side is gone.

    `strangers` are ends of other workers' pipes that a fork has copied; open, they would keep
    those workers waiting after the main process is dead.
    """
    for stranger in strangers:
        stranger.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what Ctrl-C means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.disable()
    warnings.simplefilter("ignore")  # what a parser says about scanned code is no message of ours
    _with_large_stack(lambda: _answer_all(connection, reader))


def answer(reader: Reader, kind: Kind, data: bytes, name: str) -> bytes:
    """Packed facts behind `+`, or a packed Failure behind `-`."""
    try:
        return b"+" + pack(reader(kind, data, name))
    except RecursionError:
        return _failed("too-deep", "the code is nested too deep to be read", ours=False)
    except Exception as error:  # a defect of a reader must cost one file, and is reported for it
        return _failed("crash", f"the reader failed: {type(error).__name__}: {error}")


def _answer_all(connection: Connection, reader: Reader) -> None:
    answer(reader, Kind.PYTHON, b"", "")  # imports what readers need, before any deadline runs
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(EOFError, OSError):  # the main process has closed its end
        connection.send_bytes(HELLO)
        while True:
            batch: list[Job] = connection.recv()
            for kind, data, name in batch:
                connection.send_bytes(answer(reader, Kind(kind), data, name))
            del batch
            gc.collect()


def _failed(code: str, text: str, ours: bool = True) -> bytes:
    cure = "" if ours else "exclude the file, or generate it in another form"
    text = re.sub(r"0x[0-9a-f]{6,}", "0x...", text)  # an address would differ from run to run
    text = text.encode("utf-8", "backslashreplace").decode()[:LONGEST_REASON]
    return b"-" + msgspec.msgpack.encode(Failure(code, text, cure, ours))


def _with_large_stack(work: Callable[[], None]) -> None:
    """Run `work` in a thread with as much stack as the machine gives, and a fitting recursion limit."""
    for size in _STACKS:
        sys.setrecursionlimit(min(100_000, size // _STACK_PER_CALL))
        try:
            threading.stack_size(size)
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
        except (RuntimeError, ValueError):
            continue  # no room for a stack of this size
        _await(thread)
        return
    work()


def _await(thread: threading.Thread) -> None:
    """Wait for the thread, but not longer than the main process lives: a file may hang the thread."""
    parent = os.getppid()
    while thread.is_alive() and os.getppid() == parent:
        thread.join(PARENT_CHECK_SECONDS)
