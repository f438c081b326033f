"""`mldebt impact`: every model, service and consumer downstream of something, or of a change."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.asking import Asked, asking, name_and_paths, paths, read, understood
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Paths
from mldebt.graph import Graph
from mldebt.graph.answers import Answer
from mldebt.graph.impact import impact
from mldebt.graph.starts import of_files, starts
from mldebt.graph.things import Thing
from mldebt.graph.walks import Start
from mldebt.render import answers, answers_json
from mldebt.source import Span


@click.command("impact", short_help=SUMMARIES["impact"])
@click.argument("words", nargs=-1, metavar="[NAME] [PATH]...")
@click.option("--since", default="", metavar="REV",
              help="What has changed since this revision of git, in place of a name.")
@asking("text", "json", "mermaid")
@click.pass_context
def command(ctx: click.Context, asked: Asked, words: tuple[str, ...], since: str) -> int:
    """Tell what a change of something may change.

    That are the models, services, consumers, pipelines and results downstream of it. NAME is that of a column,
    artifact, model, setting, function, file or folder; the end of a path is enough, and column:NAME or FILE:NAME picks
    one of several. PATH is the folder of a repository. What reaches furthest comes first, each with the places of its
    way; what is merely told of a model's scores is not followed.
    """
    name, roots = ("", _folders(ctx, words)) if since else name_and_paths(ctx, words)
    parts, reading, whole = read(roots, asked)
    graph = reading.graph
    if since:
        found = [_since(graph, parts, since)]
    else:
        found = [_of_thing(graph, thing) for thing in understood(graph, name)]
    if asked.form == "json":
        return asked.answer(answers_json.ways("impact", found), whole)
    if asked.form == "mermaid":
        return asked.answer(answers_json.mermaid(graph, found), whole)
    return asked.answer(answers.ways(found, True, asked.options()), whole)


def _folders(ctx: click.Context, words: tuple[str, ...]) -> Paths:
    """The repositories whose change is asked about. Raises click.UsageError."""
    if words and not Path(words[0]).exists():
        raise click.UsageError("--since asks about a change in place of a name: give folders alone.", ctx)
    return paths(ctx, words)


def _of_thing(graph: Graph, thing: Thing) -> Answer:
    models = () if thing.model is None else (thing.model,)
    return Answer(thing, impact(graph, starts(graph, thing, onward=True), models))


def _since(graph: Graph, parts: tuple[analysis.Repository, ...], since: str) -> Answer:
    """Everything downstream of the files that changed. Raises click.ClickException."""
    with explained():
        changed = analysis.changed_since(parts, since)
    begins: dict[str, Start] = {}
    for id, start in of_files(graph, changed):
        begins.setdefault(id, start)
    files = "1 file" if len(changed) == 1 else f"{len(changed)} files"
    at = tuple(Span(path, 1) for path in sorted(changed))
    thing = Thing("change", f"{files} changed since {since}", since, frozenset(), at)
    return Answer(thing, impact(graph, begins))
