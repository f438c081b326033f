"""The commands, thin: parse, call the analysis, print, exit. The only importer of click."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from mldebt.cli.commands import commands
from mldebt.cli.output import drop_stdout, flush

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and exits: 0 nothing to report, 1 findings, 2 usage, configuration,
    incomplete or internal, 130 interrupted.

    The process ends at once: freeing a whole repository's values one by one took a tenth of a scan, for
    memory that the system takes back anyway.
    """
    gc.disable()
    code = run(arguments)
    flush()
    os._exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; every message has been printed."""
    try:
        code = commands.main(args=arguments, prog_name="mldebt", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return INTERRUPTED
    except BrokenPipeError:
        drop_stdout()
        return 0
    except Exception:
        traceback.print_exc()
        click.echo("mldebt: internal error, nothing was reported. This is a bug in mldebt.", err=True)
        return 2
