"""Scripts that are exports of notebooks: the same cells, written as one file."""

from __future__ import annotations

import json
import re

_CELL = re.compile(rb"^# In\[[\d ]*\]:", re.MULTILINE)
_FEWEST_SAME = 0.9


def may_be_export(script: bytes) -> bool:
    """Whether a script has the marks of cells that exports have."""
    return _CELL.search(script) is not None


def is_export(script: bytes, notebook: bytes) -> bool:
    """Whether nearly all lines of a script stand in a notebook: who went on with it has a program of its own."""
    code = [line for line in script.decode("utf-8", "replace").splitlines() if _is_code(line)]
    told = notebook.decode("utf-8", "replace")
    same = sum(_as_kept(line) in told for line in code)
    return bool(code) and same >= _FEWEST_SAME * len(code)


def _is_code(line: str) -> bool:
    """Whether a line is taken from a cell as it is: magics are translated, and titles become comments."""
    return bool(line.strip()) and not line.startswith(("#", "get_ipython()"))


def _as_kept(line: str) -> str:
    return json.dumps(line, ensure_ascii=False)[1:-1]
