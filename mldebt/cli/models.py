"""`mldebt models`: one row a model, and what is not known of it."""

from __future__ import annotations

from datetime import date

import click

from mldebt import analysis
from mldebt.cli.asking import Asked, asking, paths
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import finished
from mldebt.cli.errors import explained
from mldebt.cli.output import check_writable
from mldebt.cli.progress import progress, warning
from mldebt.graph.models import known_models, on_the_way, users
from mldebt.render import answers_json, models
from mldebt.render.report.model_table import row


@click.command("models", short_help=SUMMARIES["models"])
@click.argument("words", nargs=-1, metavar="[PATH]...")
@asking("text", "json")
@click.pass_context
def command(ctx: click.Context, asked: Asked, words: tuple[str, ...]) -> int:
    """List the models, and what is known of each.

    That is what trains it, its data and features, where it is saved and loaded, thresholds, consumers, what monitors
    it, and how many findings lie on its way. PATH is the folder of a repository; several make one graph. What is not
    known of a model is told as not found. What one function fits is one model, as in folds and candidates, unless it
    is stored apart.
    """
    check_writable(asked.output)
    with explained():
        parts = analysis.repositories(paths(ctx, words), {"workers": asked.workers}, asked.facts)
        request = analysis.ScanRequest(**asked.kept, progress=progress(), warn=warning(), today=date.today())
        report, reading = analysis.survey(parts, request)
    graph = reading.graph
    known = known_models(graph)
    open_ones = [finding for finding in report.findings if not finding.suppressed]
    lying = on_the_way(graph, known, [finding.evidence for finding in open_ones])
    whole = finished(report.complete, parts)
    if asked.form == "json":
        found = [tuple(open_ones[number].fingerprint for number in numbers) for numbers in lying]
        return asked.answer(answers_json.models(zip(known, users(graph, known), found, strict=True)), whole)
    rows = [row(*one) for one in zip(known, users(graph, known), map(len, lying), strict=True)]
    return asked.answer(models.render(rows, asked.options()), whole)
