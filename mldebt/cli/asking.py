"""What the commands that ask the graph share: their arguments, the reading, and what a name means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from mldebt import analysis
from mldebt.cli.ending import ended, finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, folder, how_to_read, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.cli.progress import progress, warning
from mldebt.graph import Graph
from mldebt.graph.things import Thing, meant, nearest, things
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import visible

MOST_MEANT, MOST_LISTED = 4, 12
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question was put: the words (a name first, where there is one), and the options of reading and printing."""

    facts: Paths
    workers: int | None
    kept: Kept
    form: str
    output: Path | None
    everything: bool

    def options(self) -> Options:
        """How the answer is to look."""
        return replace(look(self.output), everything=self.everything)

    def answer(self, text: str, whole: bool) -> int:
        """Prints an answer and gives the exit code."""
        write(text, self.output)
        return ended(whole)


def asking(*forms: str) -> Callable[[_Command], Callable[..., int]]:
    """The options of a question, whose answer has these forms; the first is the usual one. The command gets all of them
    as one value."""

    def decorated(command: _Command) -> Callable[..., int]:
        @wraps(command)
        def packed(
            facts: Paths, workers: int | None, kept: Kept, output: Path | None, form: str, everything: bool,
            **others: object,
        ) -> int:
            code: int = command(Asked(facts, workers, kept, form, output, everything), **others)
            return code

        asked = click.option("--all", "everything", is_flag=True, help="Tell all of it, not one page.")(packed)
        asked = click.option(
            "--output-format", "form", type=click.Choice(forms), default=forms[0], show_default=True
        )(asked)
        return how_to_read(writing(asked))

    return decorated


def paths(ctx: click.Context, words: Sequence[str]) -> Paths:
    """Words that are folders. Raises click.BadParameter."""
    param = next(param for param in ctx.command.params if isinstance(param, click.Argument))
    return tuple(folder(ctx, param, word) for word in words)


def name_and_paths(
    ctx: click.Context, words: Sequence[str], kinds: str = "a column, artifact, model, setting, function or file"
) -> tuple[str, Paths]:
    """The first word is a name of a thing of these kinds, the others are folders. Raises click.UsageError."""
    if not words:
        raise click.UsageError(f"A name is missing: that of {kinds}.", ctx)
    return words[0], paths(ctx, words[1:])


def read(roots: Paths, asked: Asked) -> tuple[tuple[analysis.Repository, ...], analysis.Reading, bool]:
    """The repositories that are asked about, what they say, and whether that is all."""
    check_writable(asked.output)
    with explained():
        parts = analysis.repositories(roots, {"workers": asked.workers}, asked.facts)
        request = analysis.ScanRequest(**asked.kept, progress=progress(), warn=warning())
        found = analysis.read_all(parts, request)
    return parts, found, finished(found.complete, parts)


def understood(graph: Graph, name: str, kind: str = "") -> tuple[Thing, ...]:
    """The things that a name means, of one kind if that is asked for. Raises click.ClickException where it means none,
    or too many."""
    known = [thing for thing in things(graph) if kind in ("", thing.kind)]
    found = meant(known, name)
    if not found:
        near = nearest(known, name)
        cures = [f"Near it: {', '.join(map(visible, near))}."] if near else []
        lists = "mldebt models lists the models." if kind == "model" else "mldebt graph prints all there is."
        what = f"No {kind}" if kind else "Nothing"
        raise click.ClickException(f"{what} here is called {visible(repr(name))}. {' '.join([*cures, lists])}")
    if len(found) > 1:
        told = f"{visible(repr(name))} can mean {len(found)} things. To ask for one:"
        if len(found) > MOST_MEANT:
            raise click.ClickException("\n".join([told, *_listed(found)]))
        click.echo("\n".join([told, *_listed(found)]), err=True)
    return found


def _listed(found: Sequence[Thing]) -> list[str]:
    """How to ask for each thing alone."""
    rows = [(spelled(thing, found), thing) for thing in found[:MOST_LISTED]]
    width = max(len(visible(word)) for word, _ in rows)
    lines = [f"  {visible(word):<{width}}   {thing.kind}, {short(thing.at[0])}" for word, thing in rows]
    return [*lines, *([f"  and {len(found) - MOST_LISTED} more"] if len(found) > MOST_LISTED else [])]


def spelled(thing: Thing, others: Sequence[Thing]) -> str:
    """A name that means one thing alone: with its kind where that is enough, else with its file, else with both."""
    same = [one for one in others if one.name == thing.name]
    if len(same) < 2:
        return thing.name
    if sum(one.kind == thing.kind for one in same) < 2:
        return f"{thing.kind}:{thing.name}"
    return f"{thing.at[0].path}:{thing.name}"
