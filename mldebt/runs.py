"""Two runs of a scan, kept as JSON: what is new in the second, and what is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from mldebt.findings import Severity

LARGEST_FILE = 256 * 1024 * 1024
SCHEMA = 1
_HOW = "A run is what this prints: mldebt scan PATH --output-format json -o FILE"


class BadRun(ValueError):
    """A file that is no run of a scan; the text names it and says what is."""


class Told(msgspec.Struct, frozen=True):
    """A finding as a run holds it."""

    rule: str
    severity: Severity
    path: str
    line: int
    message: str
    fingerprint: str
    column: int = 1
    cell: int | None = None
    suppressed: bool = False


class Run(msgspec.Struct, frozen=True):
    """What a run found, hidden findings too, and whether it was complete."""

    schema: int
    complete: bool
    findings: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The findings that only the later run has, those that only the earlier one has, and how many both have; in the
    order of their runs. What is hidden in a run is not in it."""

    new: tuple[Told, ...]
    fixed: tuple[Told, ...]
    unchanged: int


def read(file: Path) -> Run:
    """The run that a file holds. Raises BadRun."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise BadRun(f"{file} is larger than {LARGEST_FILE} bytes. {_HOW}")
        run = msgspec.json.decode(file.read_bytes(), type=Run)
    except OSError as error:
        raise BadRun(f"{file} cannot be read ({error.strerror}). {_HOW}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRun(f"{file} is no run of a scan ({error}). {_HOW}") from error
    if run.schema != SCHEMA:
        raise BadRun(f"{file} has the schema {run.schema}, and this version reads {SCHEMA}. {_HOW}")
    return run


def difference(before: Run, after: Run) -> Difference:
    """What the later run has and the earlier one has not, by fingerprint, and the other way round."""
    then, now = ({one.fingerprint for one in run.findings if not one.suppressed} for run in (before, after))
    return Difference(
        new=tuple(one for one in after.findings if not one.suppressed and one.fingerprint not in then),
        fixed=tuple(one for one in before.findings if not one.suppressed and one.fingerprint not in now),
        unchanged=len(then & now),
    )
