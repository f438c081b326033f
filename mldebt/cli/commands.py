"""The list of commands. Each is imported when it is called, so that `--help` is quick."""

from __future__ import annotations

import difflib
import importlib

import click

from mldebt import __version__

SUMMARIES = {
    "scan": "Report the hidden technical debt of a repository.",
    "report": "Write one page to look at, and to show to others.",
    "graph": "Print the graph of data, models, steps and settings.",
    "impact": "Tell what a change of something may change.",
    "lineage": "Tell where something comes from.",
    "consumers": "Tell who uses something directly.",
    "features": "List the columns that go into a model.",
    "models": "List the models, and what is known of each.",
    "problems": "List what could not be read or followed.",
    "show": "Show one finding whole.",
    "why-not": "Say why a rule finds nothing at a place.",
    "ignore": "Excuse one finding, for a reason and until a day.",
    "baseline": "Start on old code: tell only what is new.",
    "init": "Set up a repository: start at zero new findings.",
    "config": "Show the configuration, and where each value stands.",
    "files": "List what is read, and what is left out and why.",
    "diff": "Compare two runs: what is new, what is fixed.",
    "catalogue": "Teach mldebt what a function of yours does.",
    "facts": "Write what a repository says to one file.",
    "contracts": "Declare who may consume what.",
    "explain": "Explain a rule, with examples.",
    "rules": "List the rules.",
    "completion": "Print what completes commands in your shell.",
    "clean": "Remove the cache of a repository.",
}


class Commands(click.Group):
    """A group whose commands are the modules of this package named in `SUMMARIES`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = importlib.import_module(f"mldebt.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in SUMMARIES and not args[0].startswith("-"):
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="mldebt %(version)s")
def commands() -> None:
    """Find the hidden technical debt of a machine-learning system.

    A repository is read, never run. To begin: mldebt scan .
    """


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, SUMMARIES, 1)
    cure = f"Did you mean: mldebt {near[0]}" if near else f"To scan a folder: mldebt scan {name}"
    return f"There is no command {name!r}. {cure}"
