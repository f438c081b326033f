"""What twice the files cost, as ratios in one run: a scan with one worker, and what comes after the files are read.

    python benchmarks/growth.py [FOLDER ...]

Without folders, the Python files of two installed packages are used. A code base stands once in a folder, and twice in
another, in two packages of other names. What counts is the time of the processor, as the machine may be shared. The
second ratio is that of `mldebt scan --facts` on facts made before: linking and checks, without reading.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("networkx", "libcst")
LIMIT = 2.2
_ASKED = ["--output-format", "json", "--exit-zero", "--allow-incomplete", "--profile", "full"]


def main() -> int:
    """Prints one line for each code base; 1 when twice the files cost more than the limit in either way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    folders = arguments.folders or [folder for name in PACKAGES if (folder := _installed(name)) is not None]
    print(f"{'code base':24} {'files':>6} {'scan s':>8} {'twice':>6} {'linked s':>9} {'twice':>6}  limit {LIMIT}")
    within = [_measured(folder, arguments.runs) for folder in folders]
    return 0 if all(within) else 1


def _measured(folder: Path, runs: int) -> bool:
    with tempfile.TemporaryDirectory() as place:
        once, twice = Path(place) / "once", Path(place) / "twice"
        for root, name in ((once, folder.name), (twice, folder.name), (twice, f"{folder.name}_again")):
            _copied(folder, root / name)
        files = len(list(once.rglob("*.py")))
        scans, links = [], []
        for root in (once, twice):
            facts = Path(place) / f"{root.name}.facts"
            scans.append(min(_taken("scan", str(root), "--workers", "1", "--no-cache", *_ASKED) for _ in range(runs)))
            _taken("facts", str(root), "-o", str(facts), "--no-cache")
            links.append(min(_taken("scan", "--facts", str(facts), "--no-cache", *_ASKED) for _ in range(runs)))
        grown = [both[1] / both[0] for both in (scans, links)]
        print(f"{folder.name:24} {files:6} {scans[0]:8.2f} {grown[0]:6.2f} {links[0]:9.2f} {grown[1]:6.2f}", flush=True)
        return max(grown) <= LIMIT


def _copied(folder: Path, target: Path) -> None:
    ignored = shutil.ignore_patterns(".git", "__pycache__", ".mldebt_cache")
    shutil.copytree(folder, target, ignore=ignored, symlinks=True)


def _taken(*words: str) -> float:
    """Seconds of the processor, of all processes together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "mldebt", *words]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"exit {done.returncode}: {' '.join(command)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _installed(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return None if found is None or found.origin is None else Path(found.origin).parent


if __name__ == "__main__":
    sys.exit(main())
