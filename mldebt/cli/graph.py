"""`mldebt graph`: what the repository is, whole or around one thing."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import ended, finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, reading, writing
from mldebt.cli.output import check_writable, write
from mldebt.cli.progress import progress
from mldebt.graph import Graph, Node, projected
from mldebt.render.graph import FORMATS
from mldebt.render.safe import visible

NEIGHBOURS = 2
_Names = tuple[str, ...]


@click.command("graph", short_help=SUMMARIES["graph"])
@reading
@click.option("--output-format", "form", type=click.Choice(list(FORMATS)), default="json", show_default=True)
@writing
@click.option("--around", multiple=True, metavar="NAME",
              help="Only what is near this thing, in both directions. A name, a path or the end of one.")
@click.option("--upstream", multiple=True, metavar="NAME", help="Only what this thing's data comes from.")
@click.option("--downstream", multiple=True, metavar="NAME", help="Only what this thing's data goes into.")
@click.option("--hops", type=click.IntRange(min=0), metavar="N",
              help=f"How many edges to go [default: {NEIGHBOURS} around, all the way up and down].")
def command(
    roots: Paths, facts: Paths, workers: int | None, kept: Kept, form: str, output: Path | None,
    around: _Names, upstream: _Names, downstream: _Names, hops: int | None,
) -> int:
    """Print the graph of data, models, steps and settings.

    PATH is the folder of a repository; several make one graph, in which paths begin with the folder's name.

    --around, --upstream and --downstream can be given several times and together; the parts add up.
    """
    if hops is not None and not (around or upstream or downstream):
        raise click.UsageError("--hops says how far to go from a thing. Name one: --around NAME --hops N")
    check_writable(output)
    with explained():
        parts = analysis.repositories(roots, {"workers": workers}, facts)
        reading = analysis.read_all(parts, analysis.ScanRequest(**kept, progress=progress()))
    graph = reading.graph
    if around or upstream or downstream:
        graph = graph.only(_chosen(graph, around, upstream, downstream, hops))
    write(FORMATS[form](projected(graph)), output)
    return ended(finished(reading.complete, parts))


def _chosen(
    graph: Graph, around: _Names, upstream: _Names, downstream: _Names, hops: int | None
) -> set[str]:
    """The ids of all that is asked for. Raises click.ClickException when a name fits nothing."""
    near = [node.id for name in around for node in _named(graph, name)]
    before = [node for name in upstream for node in _named(graph, name)]
    behind = [node for name in downstream for node in _named(graph, name)]
    found = {node.id for node in graph.around(near, NEIGHBOURS if hops is None else hops).nodes()}
    found.update(other.id for node in before for other in (node, *graph.upstream(node.id, hops=hops)))
    found.update(other.id for node in behind for other in (node, *graph.downstream(node.id, hops=hops)))
    return found


def _named(graph: Graph, name: str) -> tuple[Node, ...]:
    found = graph.find(name)
    if not found:
        near = difflib.get_close_matches(name, sorted({node.name for node in graph.nodes()}), 3, 0.5)
        cure = f"Near it: {', '.join(map(visible, near))}" if near else "mldebt graph prints all there is."
        raise click.ClickException(f"Nothing is called {visible(repr(name))} here. {cure}")
    return found
