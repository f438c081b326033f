"""Questions about one finding: a fresh scan, and what it says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mldebt import analysis
from mldebt.analysis import Repository, ScanRequest
from mldebt.findings import Finding
from mldebt.gather.frames import Frames
from mldebt.render.place import short, short_id

MOST_NAMED = 5


class NotOne(ValueError):
    """A fingerprint stands for no finding, or for several; the text says which, and what to do."""


def identified(parts: Sequence[Repository], given: str, request: ScanRequest) -> tuple[Finding, analysis.Found]:
    """The finding whose fingerprint begins as `given`, hidden ones and hints too, with the lines around its place; and
    the run it was found in. Rules outside the profile are applied where the others give none.

    Raises NotOne, and what `analysis.compared` raises.
    """
    whole = [replace(part, config=replace(part.config, profile="full")) for part in parts]
    for some in (parts, whole):
        found = analysis.compared(some, request)
        fitting = [one for one in found.findings if one.fingerprint.removeprefix("v1:").startswith(_plain(given))]
        if len(fitting) == 1:
            frames = Frames({part.name: part.root for part in parts if part.facts is None})
            return replace(fitting[0], frame=frames.around(fitting[0].at)), found
        if fitting:
            raise NotOne(_several(given, fitting))
    raise NotOne(
        f"No finding here has a fingerprint that begins with {given!r}. It may be mended by now, stand in a file that "
        "has another name, or be of a rule that is ignored. mldebt scan . --all shows the fingerprints there are."
    )


def _plain(given: str) -> str:
    """A beginning of a fingerprint without the mark of its version; nothing fits an empty one."""
    return given.strip().lower().removeprefix("v1:") or "?"


def _several(given: str, fitting: Sequence[Finding]) -> str:
    named = [f"  {short_id(one.fingerprint)}  {short(one.at)}  {one.rule}" for one in fitting[:MOST_NAMED]]
    more = [f"  and {len(fitting) - MOST_NAMED} more"] if len(fitting) > MOST_NAMED else []
    return "\n".join([f"{len(fitting)} findings begin with {given!r}. Give more of it:", *named, *more])
