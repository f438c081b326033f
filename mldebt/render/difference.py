"""What is new and what is fixed between two runs, as text and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mldebt.render.options import Options
from mldebt.render.place import exact
from mldebt.render.safe import finish, visible, without_surrogates
from mldebt.runs import Difference, Told
from mldebt.source import Span


def render(found: Difference, options: Options) -> str:
    """A line for each finding, new ones first, then the counts."""
    lines = [f"{word}  {_line(one)}" for word, some in (("new  ", found.new), ("fixed", found.fixed)) for one in some]
    lines.append(f"{len(found.new)} new, {len(found.fixed)} fixed, {found.unchanged} unchanged")
    return finish("\n".join(lines), options.ascii, options.in_actions)


def as_json(found: Difference, options: Options) -> str:
    """One object: `new` and `fixed` are findings with `rule`, `severity`, `path`, `line`, `cell`, `message` and
    `fingerprint`; `unchanged` is a number."""
    told = {"schema": 1, "new": [*map(_told, found.new)], "fixed": [*map(_told, found.fixed)]}
    return json.dumps(told | {"unchanged": found.unchanged}, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Difference, Options], str]] = MappingProxyType({"full": render, "json": as_json})


def _line(one: Told) -> str:
    at = Span(one.path, one.line, one.column, cell=one.cell or 0)
    return f"{exact(at)}: {one.severity.value} {visible(one.rule)}: {visible(one.message)}"


def _told(one: Told) -> dict[str, str | int | None]:
    texts = {name: without_surrogates(getattr(one, name)) for name in ("rule", "path", "message", "fingerprint")}
    return {**texts, "severity": one.severity.value, "line": one.line, "cell": one.cell}
