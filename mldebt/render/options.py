"""How a report is to be shown: everything a renderer is told besides the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the person or program that reads the output.

    `width` is in columns. `ascii` keeps to ASCII. `in_actions` breaks up whatever GitHub Actions
    would take for a command. `everything` lists all findings, `top` that many (0: as usual).
    `target` are the paths the scan was given, quoted, for the commands proposed; `alone` says that they are one
    folder, in which a configuration and a baseline can stand. `elapsed` is in seconds.
    `prefix` is the folder of the scanned root within the repository, for annotations.
    """

    width: int = 100
    colour: bool = False
    ascii: bool = False
    in_actions: bool = False
    everything: bool = False
    top: int = 0
    target: str = "."
    alone: bool = True
    elapsed: float | None = None
    exit_code: int | None = None
    prefix: str = ""
