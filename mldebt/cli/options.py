"""The arguments and options that several commands share."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click

from mldebt.cards import slugs
from mldebt.cli.output import target
from mldebt.gather.cache_folder import NAME, VARIABLE
from mldebt.render.safe import visible

Paths = tuple[Path, ...]
_Command = TypeVar("_Command", bound=Callable[..., Any])


def folders(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> Paths:
    """Folders that exist. Raises click.BadParameter."""
    return tuple(folder(_ctx, param, value) for value in values)


def folder(_ctx: click.Context, param: click.Parameter, value: str) -> Path:
    """A folder that exists; anything else is refused with its cure. Raises click.BadParameter."""
    path, named = Path(value), visible(repr(value))
    if value and path.is_dir():
        return path
    if value and path.exists():
        cure = f"Give the folder it is in: {visible(str(path.parent))}"
        raise click.BadParameter(f"{named} is a file; mldebt reads whole repositories. {cure}", param=param)
    raise click.BadParameter(
        f"{named} does not exist. Give the folder of a repository, such as .", param=param
    )


def folders_and_files(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Paths, Paths]:
    """Folders to scan, and files to report on. Raises click.BadParameter."""
    files = tuple(Path(value) for value in values if value and Path(value).is_file())
    return tuple(folder(_ctx, param, value) for value in values if Path(value) not in files or not value), files


def inside_work_tree(roots: Sequence[Path]) -> str:
    """Where the one scanned folder lies in its git work tree, whose top is what annotations count paths from; empty for
    the top itself, outside of one, and for several folders."""
    if len(roots) != 1:
        return ""
    root = roots[0].resolve()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else root.relative_to(top).as_posix()


def reading(command: Callable[..., int]) -> Callable[..., int]:
    """What every command that reads takes: folders of repositories, and the options of reading."""
    return click.argument("roots", callback=folders, nargs=-1, metavar="[PATH]...")(how_to_read(command))


class Kept(TypedDict):
    """What is kept of one run for the next: whether anything is, and in which folder; in the repository if in none."""

    cache: bool
    cache_folder: Path | None


def how_to_read(command: Callable[..., int]) -> Callable[..., int]:
    """`--facts`, `--workers`, and what is kept."""
    return click.option(
        "--facts", multiple=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        help="Also a repository of which mldebt facts wrote this file.",
    )(how_to_read_one(command))


def how_to_read_one(command: Callable[..., int]) -> Callable[..., int]:
    """`--workers`, `--no-cache`, `--cache-dir`: of a command that takes a single repository. The command gets the last
    two as one value, `kept`."""

    @wraps(command)
    def packed(*, no_cache: bool, cache_dir: Path | None, **others: object) -> int:
        return command(kept=Kept(cache=not no_cache, cache_folder=cache_dir), **others)

    return workers_option(cache_option(click.option(
        "--no-cache", is_flag=True, help="Read every file anew and keep nothing for the next time."
    )(packed)))  # fmt: skip


def workers_option(command: _Command) -> _Command:
    """`--workers`."""
    return click.option(
        "--workers", type=click.IntRange(1, 64), metavar="N", help="Processes to read with [default: cores]."
    )(command)


def cache_option(command: _Command) -> _Command:
    """`--cache-dir`."""
    return click.option(
        "--cache-dir", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
        envvar=VARIABLE, show_envvar=True, help=f"Where to keep what was read [default: {NAME} in the repository].",
    )(command)


def _written(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    return target(value)


def writing(command: _Command) -> _Command:
    """`-o FILE`, for every command that prints a result."""
    return click.option(
        "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=_written,
        help="Write to a file instead of standard output.",
    )(command)


def known_rule(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """A rule that there is; anything else is refused with the nearest. Raises click.ClickException."""
    rules = sorted(slugs())
    if value in rules:
        return value
    near = difflib.get_close_matches(value, rules, 1)
    cure = f"Did you mean {near[0]}?" if near else "mldebt rules lists them."
    raise click.ClickException(f"There is no rule {visible(repr(value))}. {cure}")


def words(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """`--select a,b --select c` as one list."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
