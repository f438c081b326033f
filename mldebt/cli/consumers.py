"""`mldebt consumers`: who uses something directly."""

from __future__ import annotations

import click

from mldebt.cli.asking import Asked, asking, name_and_paths, read, understood
from mldebt.cli.commands import SUMMARIES
from mldebt.graph.answers import Answer
from mldebt.graph.uses import uses
from mldebt.render import answers, answers_json


@click.command("consumers", short_help=SUMMARIES["consumers"])
@click.argument("words", nargs=-1, metavar="NAME [PATH]...")
@asking("text", "json", "mermaid")
@click.pass_context
def command(ctx: click.Context, asked: Asked, words: tuple[str, ...]) -> int:
    """Tell who uses something directly.

    By part of the repository: readers of what is stored; of a model what loads it, predicts with it, decides on it and
    reads its predictions; choices of a column; what a setting decides; callers and importers. NAME is as for mldebt
    impact, PATH the folder of a repository.
    """
    name, roots = name_and_paths(ctx, words)
    _, reading, whole = read(roots, asked)
    graph = reading.graph
    found = [Answer(thing, uses(graph, thing)) for thing in understood(graph, name)]
    if asked.form == "json":
        return asked.answer(answers_json.ways("consumers", found), whole)
    if asked.form == "mermaid":
        return asked.answer(answers_json.mermaid(graph, found), whole)
    return asked.answer(answers.uses(found, asked.options()), whole)
