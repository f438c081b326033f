"""The table of models as text: one entry a model, and what was not found of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mldebt.render.count import counted
from mldebt.render.options import Options
from mldebt.render.report.model_table import COLUMNS
from mldebt.render.safe import finish, visible
from mldebt.render.terminal import NARROWEST, wrapped

MOST = 5
_LABEL = 10  # the width of `trained by`


def render(rows: Sequence[Mapping[str, Any]], options: Options) -> str:
    """The rows of the table of models, those first that are both trained and stored."""
    shown = rows if options.everything else rows[:MOST]
    lines = [f" {counted(len(rows), 'model')}, or uses of one that is not known.", ""] if rows else [
        " No model is known here: nothing is fitted, loaded or used to predict, as far as could be followed."
    ]  # fmt: skip
    for number, row in enumerate(shown, 1):
        lines += [*_entry(number, row, options), ""]
    rest = [visible(row["name"]) for row in rows[len(shown) :]]
    if rest:
        lines += wrapped(f"and {len(rest)} more: {', '.join(rest)}. --all tells all of them.", " ", _width(options))
    return finish("\n".join(lines), options.ascii, options.in_actions)


def _entry(number: int, row: Mapping[str, Any], options: Options) -> list[str]:
    name, findings = visible(row["name"]), counted(row["count"], "finding")
    gap = _width(options) - len(name) - len(findings) - len(str(number)) - 2
    lines = [f" {number} {name}{' ' * max(gap, 3)}{findings}"]
    missing = []
    for column, cell in zip(COLUMNS[1:-1], row["cells"], strict=True):
        if cell:
            lines += _cell(column, _in_one_line(cell), options)
        else:
            missing.append(column)
    return [*lines, *(_cell("not found", ", ".join(missing), options) if missing else [])]


def _in_one_line(lines: Sequence[str]) -> str:
    """The lines of a cell; one that ends with a colon belongs to what it counts."""
    first, *others = map(visible, lines)
    return " ".join([first, "; ".join(others)]) if others and first.endswith(":") else "; ".join([first, *others])


def _cell(label: str, text: str, options: Options) -> list[str]:
    lines = wrapped(text, " " * (_LABEL + 6), _width(options))
    return [f"   {label:<{_LABEL}}   {lines[0].lstrip()}", *lines[1:]]


def _width(options: Options) -> int:
    return max(options.width, NARROWEST)
