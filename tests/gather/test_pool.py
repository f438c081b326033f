"""Workers: one file's crash or hang is its own, and nothing depends on who was first."""

from __future__ import annotations

import ctypes
import os
import threading
import time

import pytest

from mldebt.facts import FileFacts
from mldebt.gather import pool, read_file
from mldebt.gather.pool import Work, extract
from mldebt.gather.worker import Failure
from mldebt.source import Kind


def reader(kind: Kind, data: bytes, name: str) -> FileFacts:
    """Stands in for extraction: does what the content says."""
    if data == b"exit":
        os._exit(3)
    if data == b"segfault":
        ctypes.string_at(0)
    if data == b"hang":
        time.sleep(600)
    if data == b"raise":
        raise ValueError(f"odd \udcff at {object()!r}")
    if data == b"memory":
        raise MemoryError
    if data == b"recurse":
        _recurse()
    if data == b"surrogate":
        return FileFacts("python", (0,), all_names=("\udcff",))
    return FileFacts(kind.value, (0,), all_names=(name, str(len(data))))


def _recurse() -> int:
    return _recurse() + 1


def _down(levels: int) -> int:
    return _down(levels - 1) + 1 if levels else 0


def nested(kind: Kind, data: bytes, name: str) -> FileFacts:
    return FileFacts("python", (_down(len(data)),))


def run(*datas: bytes, workers: int = 2, seconds: float = 1.0, using=reader) -> list[FileFacts | Failure]:
    works = (Work(key, Kind.PYTHON, data, f"{key}.py") for key, data in enumerate(datas))
    answers = dict(extract(works, using, workers, seconds))
    assert sorted(answers) == list(range(len(datas)))
    return [answers[key] for key in range(len(datas))]


def good(key: int, data: bytes) -> FileFacts:
    return FileFacts("python", (0,), all_names=(f"{key}.py", str(len(data))))


def test_what_can_be_done_meanwhile_is_done_once():
    done = []
    works = (Work(key, Kind.PYTHON, b"x", "a.py") for key in range(500))
    answers = list(extract(works, reader, 2, 5.0, lambda: done.append("ready")))
    assert (len(answers), done) == (500, ["ready"])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("bad", "code", "text"),
    [
        (b"exit", "crash", "reading this file ended the worker process (exit code 3)"),
        (b"segfault", "crash", "reading this file ended the worker process (SIGSEGV)"),
        (b"hang", "timeout", "the file was not read within 1 seconds"),
        (b"raise", "crash", r"the reader failed: ValueError: odd \udcff at <object object at 0x...>"),
        (b"memory", "crash", "the reader failed: MemoryError: "),
    ],
)
def test_a_bad_file_costs_only_itself(workers, bad, code, text):
    datas = [b"one", bad, b"three", b"four"] + [b"x" * size for size in range(200)]
    answers = run(*datas, workers=workers)
    assert isinstance(answers[1], Failure)
    assert (answers[1].code, answers[1].text, answers[1].ours) == (code, text, True)
    assert [a for key, a in enumerate(answers) if key != 1] == [
        good(key, data) for key, data in enumerate(datas) if key != 1
    ]


def test_many_bad_files():
    answers = run(*[b"exit", b"fine", b"segfault", b"hang"] * 4, seconds=0.3)
    assert [getattr(answer, "code", "") for answer in answers] == ["crash", "", "crash", "timeout"] * 4


def test_facts_that_cannot_be_packed():
    (answer,) = run(b"surrogate")
    assert isinstance(answer, Failure) and answer.code == "crash"


def test_endless_recursion_is_the_files_own():
    (answer,) = run(b"recurse", seconds=30)
    assert isinstance(answer, Failure) and (answer.code, answer.ours) == ("too-deep", False)


def test_deep_recursion_is_possible():
    assert run(b"x" * 20_000, using=nested, seconds=30) == [FileFacts("python", (20_000,))]


def test_files_larger_than_a_pipe_holds():
    datas = [bytes([65 + key]) * (3 << 20) for key in range(6)]
    assert run(*datas, seconds=30) == [good(key, data) for key, data in enumerate(datas)]


def test_nothing_to_do_starts_nobody(monkeypatch):
    monkeypatch.setattr(pool._Crew, "_start", lambda crew: pytest.fail("a worker was started"))
    assert run() == []


def test_few_files_start_one_worker(monkeypatch):
    started = []
    start = pool._Crew._start
    monkeypatch.setattr(pool._Crew, "_start", lambda crew: started.append(1) or start(crew))
    run(*[b"x"] * 8, workers=8)
    assert len(started) == 1


def test_no_process_to_be_had(monkeypatch):
    def refuse(crew):
        raise OSError("no memory")

    monkeypatch.setattr(pool._Crew, "_start", refuse)
    answers = run(b"a", b"b")
    assert [answer.code for answer in answers if isinstance(answer, Failure)] == ["crash", "crash"]


def test_fresh_processes_where_threads_run():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        (answer,) = run(b"x = 1\n", using=read_file, seconds=60)
    finally:
        stop.set()
        thread.join()
    assert isinstance(answer, FileFacts) and answer.kind == "python"


def test_workers_end_with_the_run():
    answers = extract((Work(key, Kind.PYTHON, b"x", "a.py") for key in range(500)), reader, 2, 5.0)
    next(answers)
    before = set(pool.multiprocessing.active_children())
    answers.close()
    assert before and not before & set(pool.multiprocessing.active_children())
