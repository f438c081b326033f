"""Worker processes with a deadline for each file: a file that crashes or hangs costs only itself.

There are no threads here, so that forking is safe at any time, and each worker has a pipe of its
own, so that a dying worker can neither hold a lock nor leave doubt about which file it had.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec

from mldebt.facts import FileFacts, unpack
from mldebt.gather.worker import HELLO, Failure, Reader, serve
from mldebt.source import Kind

BATCH_BYTES = 128 * 1024
BATCH_FILES = 64
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """A file to be read; `key` is given back with its answer, `name` has no folders."""

    key: int
    kind: Kind
    data: bytes
    name: str


Answer = tuple[int, FileFacts | Failure]


def extract(
    works: Iterable[Work],
    reader: Reader,
    workers: int,
    seconds: float,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[Answer]:
    """The facts of every work, in no particular order; `seconds` is the deadline of one file.

    `reader` is called in other processes and must be picklable. `works` is consumed as workers
    become free, so only a few files are in memory at a time. `meanwhile` is called once, when all are busy.
    """
    batches = _batches(works)
    crew = _Crew(reader, seconds, workers)
    batch: list[Work] = []
    try:
        while True:
            batch = batch or crew.returned() or next(batches, [])
            worker = crew.idle() if batch else None
            if worker:
                worker.take(batch)
                batch = []
            elif crew.busy():
                if meanwhile is not None:
                    meanwhile()
                    meanwhile = None
                yield from crew.collect()
            elif batch:
                yield from ((work.key, _UNSTARTED) for work in batch)
                batch = []
            else:
                return
    finally:
        crew.dismiss()


def available_workers() -> int:
    """One for each core this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_UNSTARTED = Failure("crash", "no worker process could be started", "free memory, or raise its limit")


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, our end of its pipe, and what it was given and has not answered.

    `since` is when its first unanswered work began; in the future while the process starts.
    """

    process: BaseProcess
    connection: Connection
    works: deque[Work] = field(default_factory=deque)
    since: float = field(default_factory=lambda: time.monotonic() + START_SECONDS)
    greeted: bool = False

    def take(self, batch: list[Work]) -> None:
        """Only an idle worker takes a batch: two sides that both send could wait for ever."""
        self.works.extend(batch)
        if self.greeted:
            self.since = time.monotonic()
        with contextlib.suppress(OSError):  # it is dead, as `receive` will see
            self.connection.send([(work.kind.value, work.data, work.name) for work in batch])

    def receive(self) -> Iterator[Answer]:
        """The answer that is waiting, if it is one. Raises EOFError or OSError when the worker is dead."""
        message = self.connection.recv_bytes()
        self.since = time.monotonic()
        if message == HELLO:
            self.greeted = True
        elif message[:1] == b"+":
            yield self.works.popleft().key, unpack(message[1:])
        else:
            yield self.works.popleft().key, msgspec.msgpack.decode(message[1:], type=Failure)

    def end(self, patience: float = 0.0) -> int:
        """Kill the process, unless it ends by itself within `patience` seconds; its exit code."""
        self.process.join(patience)
        self.connection.close()
        self.process.kill()
        self.process.join()
        return self.process.exitcode or 0


class _Crew:
    """The workers of one run, started as they are needed and replaced when they die."""

    def __init__(self, reader: Reader, seconds: float, most: int) -> None:
        self._reader = reader
        self._seconds = seconds
        self._most = max(most, 1)
        self._workers: list[_Worker] = []
        self._returned: deque[list[Work]] = deque()
        self._forks = sys.platform == "linux" and threading.active_count() == 1

    def busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.works]

    def returned(self) -> list[Work]:
        """Work that a dead worker left behind; empty if there is none."""
        return self._returned.popleft() if self._returned else []

    def idle(self) -> _Worker | None:
        """A worker without work, started if need be; None if all are busy or none can be started."""
        for worker in [worker for worker in self._workers if not worker.works]:
            if worker.process.is_alive():
                return worker
            self._lose(worker)
        if len(self._workers) >= self._most:
            return None
        try:
            self._workers.append(self._start())
        except OSError:  # no memory or no process left: go on with those there are
            self._most = len(self._workers)
            return None
        return self._workers[-1]

    def collect(self) -> Iterator[Answer]:
        """Wait for the next answers, deaths or missed deadlines."""
        busy = self.busy()
        until = min(worker.since for worker in busy) + self._seconds
        ready = wait([worker.connection for worker in busy], max(until - time.monotonic(), 0))
        for worker in busy:
            if worker.connection in ready:
                try:
                    yield from worker.receive()
                except (EOFError, OSError):
                    yield worker.works[0].key, _death(self._lose(worker, patience=1.0))
            elif time.monotonic() - worker.since >= self._seconds and not worker.connection.poll():
                yield worker.works[0].key, _late(self._seconds)
                self._lose(worker)

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _start(self) -> _Worker:
        # Any: the kinds of context share no type that has Process.
        context: Any = multiprocessing.get_context("fork" if self._forks else "spawn")
        ours, theirs = context.Pipe()
        strangers = [ours, *(worker.connection for worker in self._workers)] if self._forks else []
        process = context.Process(target=serve, args=(theirs, strangers, self._reader), daemon=True)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Worker(process, ours)

    def _lose(self, worker: _Worker, patience: float = 0.0) -> int:
        """Take a worker out; what it had behind its first work is given back. Its exit code."""
        self._workers.remove(worker)
        left = list(worker.works)[1:]
        if left:
            self._returned.append(left)
        return worker.end(patience)


def _batches(works: Iterable[Work]) -> Iterator[list[Work]]:
    """Works in lists that take a moment each: handing them out one by one would cost more."""
    batch: list[Work] = []
    size = 0
    for work in works:
        batch.append(work)
        size += len(work.data)
        if size >= BATCH_BYTES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _death(code: int) -> Failure:
    how = f"exit code {code}"
    if code < 0:
        try:
            how = signal.Signals(-code).name
        except ValueError:
            how = f"signal {-code}"
    return Failure("crash", f"reading this file ended the worker process ({how})", "exclude the file")


def _late(seconds: float) -> Failure:
    text = f"the file was not read within {seconds:g} seconds"
    return Failure("timeout", text, "exclude it, or raise file-timeout")
