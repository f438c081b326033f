"""`mldebt config`: what is in force and where it is written, and the schema for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mldebt import config_origin, config_schema
from mldebt.cards import FAMILIES, slugs
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import folder, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.config_origin import Value
from mldebt.render import toml
from mldebt.render.safe import finish

LONGEST = 60


@click.group("config", short_help=SUMMARIES["config"])
def command() -> None:
    """Show the configuration, and where each value stands.

    It stands in mldebt.toml, or in [tool.mldebt] of pyproject.toml, of the folder that is scanned. Options of the
    command line go before it.
    """


@command.command("show", short_help="Print every value, and where it stands.")
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@writing
def show(root: Path, output: Path | None) -> int:
    """Print every value, with its file and line, or that it is the default.

    The text is TOML, and may stand in mldebt.toml as it is.
    """
    check_writable(output)
    with explained():
        found = config_origin.values(root, slugs(), FAMILIES)
    lines = [(_said(one), f"# {one.file}:{one.line}" if one.file else "# default") for one in found]
    width = min(LONGEST, max(len(said) for said, _ in lines))
    options = look(output)
    text = "\n".join(f"{said:<{width}}  {origin}" for said, origin in lines)
    write(finish(text, options.ascii, options.in_actions), output)
    return 0


@command.command("schema")
@writing
def schema(output: Path | None) -> int:
    """Print the JSON Schema of the configuration.

    Editors complete and check with it what stands in mldebt.toml or under [tool.mldebt].
    """
    check_writable(output)
    write(json.dumps(config_schema.schema(slugs()), indent=2) + "\n", output)
    return 0


def _said(one: Value) -> str:
    return f"# {one.key} is decided by what is found" if one.value is None else f"{one.key} = {toml.value(one.value)}"
