"""`mldebt features`: the columns that go into a model."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt.cli.asking import Asked, asking, name_and_paths, read, understood
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.options import Paths
from mldebt.graph.inputs import inputs_of
from mldebt.render import answers, answers_json


@click.command("features", short_help=SUMMARIES["features"])
@click.argument("words", nargs=-1, metavar="MODEL [PATH]...")
@asking("text", "json")
@click.pass_context
def command(
    ctx: click.Context, words: tuple[str, ...], facts: Paths, workers: int | None, no_cache: bool,
    output: Path | None, form: str, everything: bool,
) -> int:
    """List the columns that go into a model.

    Each comes with where it is made and chosen. MODEL is a name that mldebt models shows, PATH the folder of a
    repository. What is taken whole out of a file, so that columns may go in that nobody names, is told; so is a label
    that is not found.
    """
    asked = Asked(facts, workers, no_cache, form, output, everything)
    name, roots = name_and_paths(ctx, words)
    _, reading, complete = read(roots, asked)
    found = understood(reading.graph, name, "model")
    models = [(thing, thing.model) for thing in found if thing.model is not None]
    told = [(thing, inputs_of(reading.graph, one.fits, one.predictions, made=True)) for thing, one in models]
    if form == "json":
        return asked.answer(answers_json.features(told), complete)
    return asked.answer(answers.features(told, asked.options()), complete)
