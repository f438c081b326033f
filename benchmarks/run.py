"""A cold scan against `libcst.parse_module` of the same files, in one run, as ratios.

    python benchmarks/run.py [FOLDER ...]

Without folders, the Python files of two installed packages are used: large, real, nobody's here.
Each folder is copied outside of any git tree first, so that both sides see the same files and its
imports of itself are found. The parse runs in a process of its own, unpatched, start-up included as for the scan.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGES = ("networkx", "hypothesis", "libcst", "mypy")
RUNS = 3
PARSE = """
import sys
from pathlib import Path
import libcst
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    try:
        libcst.parse_module(path.read_bytes())
    except Exception:
        pass
"""


def main() -> int:
    """Prints one line for each code base; 1 when two runs or two numbers of workers differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    folders = arguments.folders or [folder for name in PACKAGES if (folder := _installed(name)) is not None]
    print(f"{'code base':24} {'files':>6} {'lines':>8} {'parse s':>8} {'1 worker':>9} {'2 workers':>9}  same bytes")
    same = [_measured(folder, arguments.runs) for folder in folders]
    return 0 if all(same) else 1


def _measured(folder: Path, runs: int) -> bool:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for path in sorted(folder.rglob("*.py")):
            target = root / folder.name / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        files = list(root.rglob("*.py"))
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        parse, ones, twos = [], [], []
        for _ in range(runs):  # in turn, so that a drift of the machine meets all three alike
            parse.append(_timed([sys.executable, "-c", PARSE, str(root)])[0])
            ones.append(_timed(_scan(root, 1)))
            twos.append(_timed(_scan(root, 2)))
        outputs = {output for _, output in ones + twos}
        base = min(parse)
        one, two = (min(seconds for seconds, _ in timed) / base for timed in (ones, twos))
        verdict = "yes" if len(outputs) == 1 else "NO"
        print(f"{folder.name:24} {len(files):6} {lines:8} {base:8.2f} {one:9.2f} {two:9.2f}  {verdict}", flush=True)
        return len(outputs) == 1


def _scan(root: Path, workers: int) -> list[str]:
    command = [sys.executable, "-m", "mldebt", "scan", str(root), "--workers", str(workers), "--no-cache"]
    return [*command, "--output-format", "json", "--exit-zero", "--allow-incomplete", "--profile", "full"]


def _timed(command: list[str]) -> tuple[float, bytes]:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"exit {done.returncode}: {' '.join(command)}")
    return time.perf_counter() - start, done.stdout


def _installed(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return None if found is None or found.origin is None else Path(found.origin).parent


if __name__ == "__main__":
    sys.exit(main())
