"""`mldebt models`: one row a model, and what is not known of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.asking import Asked, asking, paths
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Paths
from mldebt.cli.output import check_writable
from mldebt.cli.progress import progress, warning
from mldebt.graph.models import known_models, on_the_way, users
from mldebt.render import answers_json, models
from mldebt.render.report.model_table import row


@click.command("models", short_help=SUMMARIES["models"])
@click.argument("words", nargs=-1, metavar="[PATH]...")
@asking("text", "json")
@click.pass_context
def command(
    ctx: click.Context, words: tuple[str, ...], facts: Paths, workers: int | None, no_cache: bool,
    output: Path | None, form: str, everything: bool,
) -> int:
    """List the models, and what is known of each.

    That is what trains it, its data and features, where it is saved and loaded, thresholds, consumers, what monitors
    it, and how many findings lie on its way. PATH is the folder of a repository; several make one graph. What is not
    known of a model is told as not found. What one function fits is one model, as in folds and candidates, unless it
    is stored apart.
    """
    asked = Asked(facts, workers, no_cache, form, output, everything)
    check_writable(output)
    with explained():
        parts = analysis.repositories(paths(ctx, words), {"workers": workers}, facts)
        request = analysis.ScanRequest(cache=not no_cache, progress=progress(), warn=warning(), today=date.today())
        report, reading = analysis.survey(parts, request)
    graph = reading.graph
    known = known_models(graph)
    open_ones = [finding for finding in report.findings if not finding.suppressed]
    lying = on_the_way(graph, known, [finding.evidence for finding in open_ones])
    complete = report.complete or all(part.config.allow_incomplete for part in parts)
    if form == "json":
        found = [tuple(open_ones[number].fingerprint for number in numbers) for numbers in lying]
        return asked.answer(answers_json.models(zip(known, users(graph, known), found, strict=True)), complete)
    rows = [row(*one) for one in zip(known, users(graph, known), map(len, lying), strict=True)]
    return asked.answer(models.render(rows, asked.options()), complete)
