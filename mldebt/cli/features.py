"""`mldebt features`: the columns that go into a model."""

from __future__ import annotations

import click

from mldebt.cli.asking import Asked, asking, name_and_paths, read, understood
from mldebt.cli.commands import SUMMARIES
from mldebt.graph.inputs import inputs_of
from mldebt.render import answers, answers_json


@click.command("features", short_help=SUMMARIES["features"])
@click.argument("words", nargs=-1, metavar="MODEL [PATH]...")
@asking("text", "json")
@click.pass_context
def command(ctx: click.Context, asked: Asked, words: tuple[str, ...]) -> int:
    """List the columns that go into a model.

    Each comes with where it is made and chosen. MODEL is a name that mldebt models shows, PATH the folder of a
    repository. What is taken whole out of a file, so that columns may go in that nobody names, is told; so is a label
    that is not found.
    """
    name, roots = name_and_paths(ctx, words, "a model")
    _, reading, whole = read(roots, asked)
    found = understood(reading.graph, name, "model")
    models = [(thing, thing.model) for thing in found if thing.model is not None]
    told = [(thing, inputs_of(reading.graph, one.fits, one.predictions, made=True)) for thing, one in models]
    if asked.form == "json":
        return asked.answer(answers_json.features(told), whole)
    return asked.answer(answers.features(told, asked.options()), whole)
