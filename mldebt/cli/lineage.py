"""`mldebt lineage`: everything upstream of something."""

from __future__ import annotations

import click

from mldebt.cli.asking import Asked, asking, name_and_paths, read, understood
from mldebt.cli.commands import SUMMARIES
from mldebt.graph.answers import Answer
from mldebt.graph.lineage import lineage
from mldebt.graph.starts import starts
from mldebt.render import answers, answers_json


@click.command("lineage", short_help=SUMMARIES["lineage"])
@click.argument("words", nargs=-1, metavar="NAME [PATH]...")
@asking("text", "json", "mermaid")
@click.pass_context
def command(ctx: click.Context, asked: Asked, words: tuple[str, ...]) -> int:
    """Tell where something comes from.

    That are the data, models, columns and settings upstream of it. NAME is that of a column, artifact, model, setting,
    function, file or folder; the end of a path is enough, and column:NAME or FILE:NAME picks one of several. PATH is
    the folder of a repository. Data that nothing here writes come first, each with the places of its way; a read of a
    place that is not known is told as such.
    """
    name, roots = name_and_paths(ctx, words)
    _, reading, whole = read(roots, asked)
    graph = reading.graph
    found = [Answer(thing, lineage(graph, starts(graph, thing, onward=False))) for thing in understood(graph, name)]
    if asked.form == "json":
        return asked.answer(answers_json.ways("lineage", found), whole)
    if asked.form == "mermaid":
        return asked.answer(answers_json.mermaid(graph, found), whole)
    return asked.answer(answers.ways(found, False, asked.options()), whole)
