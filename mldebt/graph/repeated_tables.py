"""Read-only questions about lists and tables of constants that several files of code write out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.graph.graph import Graph
from mldebt.graph.reach import bystanders, idle_modules
from mldebt.graph.repeated_settings import twins
from mldebt.graph.written_out import WrittenOut

Written = tuple[WrittenOut, ...]


def written_again(graph: Graph) -> Iterator[tuple[tuple[str, ...], list[Written]]]:
    """What files write out alike, by these files, constants of modules first. A file that nobody imports, or that is a
    copy of another one as a whole, does not count; nor do such alone as try something out by hand: their samples."""
    copies = {path for path, first in twins(graph).items() if path != first}
    by_hand = bystanders(graph)
    aside, found = idle_modules(graph) | copies, defaultdict[tuple[str, ...], list[Written]](list)
    for group in graph.code.written_out:
        alive = [one for one in group if one.at.path not in aside]
        alive.sort(key=lambda one: (not one.constant, one.at))
        files = tuple(sorted({one.at.path for one in alive}))
        if len(files) > 1 and alive[0].constant and not by_hand.issuperset(files):
            found[files].append(tuple(alive))
    yield from sorted(found.items())
