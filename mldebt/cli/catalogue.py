"""`mldebt catalogue add`: a row for a function of one's own, in the project's own file of the catalogue."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from mldebt import analysis, catalogue, config
from mldebt.amending import with_item
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import folder
from mldebt.cli.output import write
from mldebt.config import Config
from mldebt.render import toml
from mldebt.render.safe import visible
from mldebt.roles import Role, Store

OWN_ROWS = "mldebt-catalogue.toml"
ROLES = [role.value for role in Role]
STORES = [store.value for store in Store]


@click.group("catalogue", short_help=SUMMARIES["catalogue"])
def command() -> None:
    """Teach mldebt what a function of yours does.

    Functions of one's own that read, write, fit or predict are followed into by themselves. A row helps where their
    code is not in the repository, or does what cannot be followed.
    """


@command.command("add")
@click.argument("name", metavar="MODULE.FUNCTION")
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@click.option("--role", required=True, type=click.Choice(ROLES), metavar="ROLE", help="What a call of it does: read, "
              "write, load, persist, fit, transform, predict, split, evaluate, ... (rules/schema.md lists all).")
@click.option("--target", multiple=True, metavar="SLOT", help="Which argument says where: 0, 0:path, :path, self.")
@click.option("--store", type=click.Choice(STORES), help="What it says the name of [default: file].")
@click.option("--data", multiple=True, metavar="SLOT", help="Which argument goes in: is written, fitted on, scored.")
@click.option("--result", metavar="KIND", help="The kind of what comes out: table, model, path, text, ...")
@click.option("--on", metavar="KIND", help="It is a method of this kind of value, and MODULE.FUNCTION its bare name.")
@click.option("--why", metavar="TEXT", help="A note for the next reader.")
@click.option("--file", "chosen", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help=f"The file to add it to [default: the first of the configuration, or {OWN_ROWS}].")
def add(
    name: str, root: Path, role: str, target: tuple[str, ...], store: str | None, data: tuple[str, ...],
    result: str | None, on: str | None, why: str | None, chosen: Path | None,
) -> int:
    """Add what a function does to the project's own rows.

    \b
    mldebt catalogue add acme_io.load_frame --role read --target 0 --result table.pandas
    """
    if not on and "." not in name:
        raise click.BadParameter(f"{visible(repr(name))} is no function of a module. Write it whole, as "
                                 "acme_io.load_frame; of a method its bare name, with --on KIND.",
                                 param_hint="MODULE.FUNCTION")  # fmt: skip
    given = {"on": on, "role": role, "target": _one_or_all(target), "store": store, "data": list(data) or None,
             "result": result, "why": why}  # fmt: skip
    row = {"name": [name], **{key: value for key, value in given.items() if value}}
    with explained():
        own = analysis.configure(root, {})
        file = _file(root, own, chosen)
        text = _with_row(file, row, "method" if on else "call")
        _check(file, text, [kind for kind in (result, on) if kind])
        stated = None if _is_named(root, own, file) else config.amended(root, "catalogue", _named(root, file))
    write(text, file)
    click.echo(f"{visible(str(file))}: {visible(name)} is known. {toml.value(row)}", err=True)
    if stated:
        write(stated[1], stated[0])
        click.echo(f"{visible(str(stated[0]))}: catalogue names the file.", err=True)
    return 0


def _one_or_all(slots: tuple[str, ...]) -> str | list[str] | None:
    return slots[0] if len(slots) == 1 else list(slots) or None


def _file(root: Path, own: Config, chosen: Path | None) -> Path:
    """The file for the row. Raises click.BadParameter for one outside of the repository."""
    files = [root / named for named in own.catalogue if (root / named).is_file()]
    file = chosen or next(iter(files), root / OWN_ROWS)
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root)) or file.suffix != ".toml":
        raise click.BadParameter("rows stand in a .toml file of the repository itself.", param_hint="--file")
    return file


def _with_row(file: Path, row: Mapping[str, Any], form: str) -> str:
    """The content of the file with the row; a new file says of which library it tells."""
    root = row["name"][0].partition(".")[0] if form == "call" else file.stem
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        text = f"# What calls of our own mean to mldebt: a row each.\nlibrary = {toml.value(root)}\n"
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{visible(str(file))} cannot be read: {visible(str(error))}") from error
    known = catalogue.parse([(file.name, text.encode())])
    name = row["name"][0]
    if known.calls.get(name) if form == "call" else known.of_method(row["on"], name):
        raise click.ClickException(f"{visible(name)} has a row in {visible(file.name)} already. Change it there.")
    if form == "call" and root not in known.packages:
        text = with_item(text, ("packages",), root)
    return with_item(text, (form,), row)


def _check(file: Path, text: str, kinds: list[str]) -> None:
    """Raises CatalogueError for a row that cannot be used, click.BadParameter for a kind that nothing knows."""
    catalogue.parse([(file.name, text.encode())])
    stems = {kind.partition(".")[0] for kind in catalogue.load().kinds()} | {"self", "same", "item"}
    for kind in kinds:
        stem = kind.partition(".")[0].partition(":")[0]
        if stem not in stems | {"like", "element"}:
            near = get_close_matches(stem, sorted(stems), 1)
            cure = f"Did you mean {near[0]!r}?" if near else "rules/schema.md lists them."
            raise click.BadParameter(f"{visible(kind)!r} is no kind of value. {cure}", param_hint="--result, --on")


def _is_named(root: Path, own: Config, file: Path) -> bool:
    """Whether the configuration names the file, or a folder it is in."""
    return any(file.resolve() == named or named in file.resolve().parents
               for named in ((root / word).resolve() for word in own.catalogue))  # fmt: skip


def _named(root: Path, file: Path) -> str:
    return Path(os.path.realpath(file)).relative_to(os.path.realpath(root)).as_posix()
