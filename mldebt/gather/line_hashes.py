"""The identity that GitHub gives a line, so that its alerts stay the same whoever uploads them.

The hash of a line is that of its next 100 UTF-16 units that are neither blank nor tab, line ends written as one line
feed, modulo 2^64 with base 37; behind the end of the file stand 65535 and zeros. A number tells equal ones apart
(GitHub, codeql-action, `fingerprints`).
"""

from __future__ import annotations

import re
from collections import Counter

LENGTH = 100
_BASE, _MOST = 37, (1 << 64) - 1
_END = 65535
_FIRST = pow(_BASE, LENGTH, 1 << 64)


def line_hashes(text: str) -> tuple[str, ...]:
    """The hash of each line of a text, in order."""
    units, starts = _units(text)
    sums = [0]
    for unit in (*units, *[0] * LENGTH):
        sums.append((sums[-1] * _BASE + unit) & _MOST)
    seen: Counter[int] = Counter()
    found = []
    for start in starts:
        value = (sums[start + LENGTH] - sums[start] * _FIRST) & _MOST
        seen[value] += 1
        found.append(f"{value:x}:{seen[value]}")
    return tuple(found)


def _units(text: str) -> tuple[list[int], list[int]]:
    """The units that count, and where in them each line begins."""
    units: list[int] = []
    starts = []
    for line in re.split(r"\r\n|\r|\n", text):
        starts.append(len(units))
        kept = line.replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
        units += [kept[index] | kept[index + 1] << 8 for index in range(0, len(kept), 2)]
        units.append(10)
    units[-1] = _END
    return units, starts
