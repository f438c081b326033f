"""Warm scans against a cold one, in one run, as ratios: the five cases of the design, and the hook of a commit.

    python benchmarks/warm.py [FOLDER ...]

Without folders, the Python files of two installed packages are used. Each folder is copied and made a git repository
first. What counts is the time of the processor, of all processes together, as the machine may be shared; that on the
clock stands behind it. Each case is a change that no scan has seen before, and what it prints is compared with what a
scan without a cache prints.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("networkx", "libcst")
ROWS = 'library = "bench_rows"\npackages = ["bench_rows"]\n\n[[call]]\nname = "bench_rows.read_{}"\nrole = "read"\n'
SETTINGS = "rate: {}\nrounds: 30\n"
LOADER = 'import yaml\n\nwith open("bench_settings.yaml") as file:\n    RATE = yaml.safe_load(file)["rate"]\n'


@dataclass(frozen=True)
class Taken:
    """Seconds of the processor and on the clock, and what was printed."""

    processor: float
    clock: float
    printed: bytes


def main() -> int:
    """Prints a table for each code base; 1 when a warm scan and a cold one tell different things."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    folders = arguments.folders or [folder for name in PACKAGES if (folder := _installed(name)) is not None]
    same = [_measured(folder, arguments.runs) for folder in folders]
    return 0 if all(same) else 1


def _measured(folder: Path, runs: int) -> bool:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / folder.name
        ignored = shutil.ignore_patterns(".git", "__pycache__", ".mldebt_cache", ".gitignore")
        shutil.copytree(folder, root, ignore=ignored, symlinks=True)
        number = iter(range(1, 1000))
        _prepared(root, number)
        _git(root, "init", "-q")
        _git(root, "add", "-A")
        _git(root, "commit", "-qm", "all")
        files = sorted(root.rglob("*.py"))
        cold = min((_cold(root) for _ in range(runs)), key=lambda taken: taken.processor)
        print(f"{folder.name}: {len(files)} Python files, cold {cold.processor:.2f} s ({cold.clock:.2f} s)", flush=True)
        same = True
        for name, change in _cases(root, files, number).items():
            warm = min((_changed(root, change) for _ in range(runs)), key=lambda taken: taken.processor)
            right = warm.printed == _scan(root, "--no-cache").printed
            same = same and right
            _told(name, warm, cold, "yes" if right else "NO")
        hook = min((_hook(root, files, number) for _ in range(runs)), key=lambda taken: taken.processor)
        _told("hook after an edit", hook, cold, "")
        return same


def _told(name: str, warm: Taken, cold: Taken, same: str) -> None:
    ratio = warm.processor / cold.processor
    print(f"  {name:20} {ratio:5.2f}   {warm.processor:6.2f} s ({warm.clock:6.2f} s)   {same}", flush=True)


def _prepared(root: Path, number: Iterator[int]) -> None:
    """Adds a row of a catalogue of its own and a key of settings, so that each code base has both."""
    (root / "mldebt.toml").write_text('catalogue = ["bench_rows.toml"]\n', "utf-8")
    (root / "bench_rows.toml").write_text(ROWS.format(next(number)), "utf-8")
    (root / "bench_settings.yaml").write_text(SETTINGS.format(next(number)), "utf-8")
    (root / "bench_loader.py").write_text(LOADER, "utf-8")


def _cases(root: Path, files: list[Path], number: Iterator[int]) -> dict[str, Callable[[], None]]:
    leaf, hub = _leaf_and_hub(files)

    def code(file: Path) -> Callable[[], None]:
        def change() -> None:
            with file.open("a", encoding="utf-8") as opened:
                opened.write(f"\nBENCH_{next(number)} = {next(number)}\n")

        return change

    return {
        "nothing": lambda: None,
        "a leaf file": code(leaf),
        "the file most imported": code(hub),
        "one row": lambda: _write(root / "bench_rows.toml", ROWS.format(next(number))),
        "one key": lambda: _write(root / "bench_settings.yaml", SETTINGS.format(next(number))),
    }


def _leaf_and_hub(files: list[Path]) -> tuple[Path, Path]:
    """A file that nobody imports, of middle size, and the one that is imported most, by the last part of names."""
    counts: Counter[str] = Counter()
    for file in files:
        for node in ast.walk(_parsed(file)):
            if isinstance(node, ast.ImportFrom) and node.module:
                counts.update([node.module.rpartition(".")[2], *(alias.name for alias in node.names)])
            elif isinstance(node, ast.Import):
                counts.update(alias.name.rpartition(".")[2] for alias in node.names)
    plain = sorted((file for file in files if file.name != "__init__.py"), key=lambda file: file.stat().st_size)
    leaves = [file for file in plain if not counts[file.stem]] or plain
    return leaves[len(leaves) // 2], max(plain, key=lambda file: counts[file.stem])


def _parsed(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")


def _cold(root: Path) -> Taken:
    shutil.rmtree(root / ".mldebt_cache", ignore_errors=True)
    return _scan(root)


def _changed(root: Path, change: Callable[[], None]) -> Taken:
    change()
    return _scan(root)


def _hook(root: Path, files: list[Path], number: Iterator[int]) -> Taken:
    """A second commit: the first one has kept what was staged, which is the base of this one."""
    file = _leaf_and_hub(files)[0]
    for _ in range(2):
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"\nBENCH_{next(number)} = {next(number)}\n")
        _git(root, "add", "-A")
        taken = _scan(root, "--staged", "--base", "HEAD")
        _git(root, "commit", "-qm", "one more")
    return taken


def _scan(root: Path, *options: str) -> Taken:
    command = [sys.executable, "-m", "mldebt", "scan", str(root), *options, "--output-format", "json", "--exit-zero"]
    command += ["--allow-incomplete", "--profile", "full"]
    with _timed() as taken:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"exit {done.returncode}: {' '.join(command)}")
    return Taken(*taken, done.stdout)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Two numbers, there when the block has ended."""
    taken: list[float] = []
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    yield taken
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken += [after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - start]


def _git(root: Path, *words: str) -> None:
    own = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false", *words]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(own, cwd=root, env=environment, check=True, capture_output=True)


def _installed(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return None if found is None or found.origin is None else Path(found.origin).parent


if __name__ == "__main__":
    sys.exit(main())
