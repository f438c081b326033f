"""Where the text goes: a file or standard output, whatever its encoding and whoever reads it."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import click

from mldebt.render.options import Options
from mldebt.render.safe import visible


def target(to: Path | None) -> Path | None:
    """The file that is meant; `-` stands for standard output, as it does elsewhere."""
    return None if to is not None and str(to) == "-" else to


def write(text: str, to: Path | None) -> None:
    """Writes to a file, or to standard output. Raises click.ClickException when a file cannot be written.

    A reader that leaves early (`| head`) is no error: the exit code still tells the result.
    """
    if to is None:
        _write_stdout(text)
        return
    try:
        with to.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise unwritable(to, error.strerror or str(error)) from error


def write_bytes(content: bytes, to: Path) -> None:
    """Writes a file. Raises click.ClickException when it cannot be written."""
    try:
        to.write_bytes(content)
    except OSError as error:
        raise unwritable(to, error.strerror or str(error)) from error


def check_writable(to: Path | None) -> None:
    """Refuses an impossible output file before the work is done. Raises click.ClickException."""
    if to is not None and not to.absolute().parent.is_dir():
        raise unwritable(to, "its folder does not exist")


def unwritable(to: Path, why: str) -> click.ClickException:
    """The error for an output file that cannot be written, with its cure."""
    return click.ClickException(
        f"Cannot write {visible(str(to))}: {why}. Give another file with -o, or leave -o out to print."
    )


def watched() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def look(to: Path | None, color: str = "auto") -> Options:
    """How to show things where they go: width, colours as asked or fitting, signs it can show."""
    plain = to is not None or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return Options(
        width=shutil.get_terminal_size((100, 24)).columns,
        colour=color == "always" or (color == "auto" and not plain and watched()),
        ascii=to is None and not _takes_signs(),
        in_actions=to is None and os.environ.get("GITHUB_ACTIONS") == "true",
    )


def drop_stdout() -> None:
    """Sends the rest nowhere, so that leaving Python does not fail on a closed pipe again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def flush() -> None:
    """Hands on what was printed and still waits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            drop_stdout()


def _write_stdout(text: str) -> None:
    if sys.stdout is None:  # closed by the caller: only the exit code is wanted
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()


def _takes_signs() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return encoding.lower().replace("-", "").startswith("utf")
