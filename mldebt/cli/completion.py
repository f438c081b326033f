"""`mldebt completion`: the script that completes commands, options and names in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from mldebt.cli.commands import SUMMARIES, commands
from mldebt.cli.output import write

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_MLDEBT_COMPLETE"


@click.command("completion", short_help=SUMMARIES["completion"])
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print what completes commands in your shell.

    \b
    bash   eval "$(mldebt completion bash)"             in ~/.bashrc
    zsh    eval "$(mldebt completion zsh)"              in ~/.zshrc
    fish   mldebt completion fish > ~/.config/fish/completions/mldebt.fish
    """
    found = get_completion_class(shell)
    assert found is not None  # SHELLS are those that click knows
    write(found(commands, {}, "mldebt", VARIABLE).source() + "\n", None)
    return 0
