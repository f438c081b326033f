"""How much of what is read and written is known, for repositories given on the command line.

    python benchmarks/coverage.py PATH...

One line each: read and write sites with a full path, a pattern, and nothing; then the reasons for
nothing over all of them, and the library calls without a row that are met most often.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from mldebt import analysis
from mldebt.findings import Stats

MOST = 15


def main(paths: list[str]) -> int:
    """Prints the table. 2 when no repository is given, or one of them cannot be read."""
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    print(f"{'sites':>6} {'full':>10} {'pattern':>10} {'nothing':>10}   repository")
    reasons: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    sums = [0, 0, 0]
    for path in paths:
        stats = measured(Path(path))
        numbers = [stats.full, stats.pattern, stats.unknown]
        sums = [before + number for before, number in zip(sums, numbers, strict=True)]
        print(line(numbers, Path(path).resolve().name))
        reasons.update(dict(stats.reasons))
        calls.update(dict(stats.unknown_calls))
    if len(paths) > 1:
        print(line(sums, "all"))
    show("Why nothing is known", reasons)
    show("Calls without a row", calls)
    return 0


def measured(root: Path) -> Stats:
    """The counts of one repository, read with its own configuration."""
    return analysis.read(root, analysis.ScanRequest(analysis.configure(root, {}), cache=False)).stats


def line(numbers: list[int], name: str) -> str:
    """`sites`, then each number with its share."""
    whole = sum(numbers)
    cells = [f"{number:>5} {100 * number / whole if whole else 0:>3.0f}%" for number in numbers]
    return f"{whole:>6} {' '.join(cells)}   {name}"


def show(title: str, counts: Counter[str]) -> None:
    """The most frequent ones, equal ones by name."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    if ranked:
        print(f"\n{title}:")
    for name, number in ranked:
        print(f"{number:>6}  {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
