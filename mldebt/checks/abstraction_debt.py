"""A step on data or models that is written again elsewhere, with small differences."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.copied_code import Copy
from mldebt.graph.reach import never_called
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_SHOWN = 3
_NOTEBOOK = ".ipynb"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the functions that the same files have, at the first of them."""
    dead = never_called(graph)
    groups: dict[tuple[str, ...], list[list[Copy]]] = defaultdict(list)
    for group in graph.code.copied:
        alive = [copy for copy in group if dead.isdisjoint({(copy.at.path, copy.name), (copy.at.path, "")})]
        files = tuple(sorted({copy.at.path for copy in alive}))
        if len(files) > 1:
            groups[files].append(alive)
    for files, found in sorted(groups.items()):
        yield _hit(files, found)


def _hit(files: tuple[str, ...], groups: list[list[Copy]]) -> Hit:
    copies = [copy for group in groups for copy in group]
    names = list(dict.fromkeys(copy.name.partition("#")[0] for group in groups for copy in group[:1]))
    stops = [Stop(copy.at, _told(copy)) for copy in copies]
    scripts = [path for path in files if not path.endswith(_NOTEBOOK)]
    variant = "several" if len(groups) > 1 else "same" if all(_is_same(copy) for copy in copies) else ""
    return Hit(
        at=copies[0].at,
        details={
            "function": _listed(names),
            "count": str(len(copies)),
            "path": _listed(_shortest(files)),
        },
        keys=(*sorted(names), *files),
        confidence=Confidence.LIKELY if len(scripts) > 1 else Confidence.HINT,
        symbol=copies[0].name,
        trail=tuple(stops)[:MAX_STOPS],
        related=tuple(stops)[1:],
        variant=variant,
    )


def _is_same(copy: Copy) -> bool:
    return copy.share == 100 and not copy.differs and not copy.lacks


def _told(copy: Copy) -> str:
    """A copy, with what it says that the first does not, and what only that says."""
    own = f"with {', '.join(copy.differs)} of its own" if copy.differs else ""
    less = f"without {', '.join(copy.lacks)}" if copy.lacks else ""
    return ", ".join([f"copy: {copy.name}", " and ".join(part for part in (own, less) if part)]).rstrip(", ")


def _shortest(paths: tuple[str, ...]) -> list[str]:
    """The names of files, where they tell them apart."""
    names = [posixpath.basename(path) for path in paths]
    return names if len(set(names)) == len(names) else list(paths)


def _listed(names: list[str]) -> str:
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
