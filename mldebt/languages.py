"""Which programs and files belong to which language: `rules/languages.toml`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli

_VERSION = re.compile(r"[\d.]+$")


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages by the names of programs, the endings of files, and the magics of cells."""

    programs: Mapping[str, str]
    suffixes: Mapping[str, str]
    cells: Mapping[str, str]

    def of_program(self, word: str) -> str:
        """The language that a program runs, named with or without its folder and version; empty when unknown."""
        name = posixpath.basename(word).removesuffix(".exe")
        return self.programs.get(name) or self.programs.get(_VERSION.sub("", name), "")

    def of_file(self, path: str) -> str:
        """The language of a file by its ending; empty when unknown."""
        return self.suffixes.get(posixpath.splitext(path)[1], "")


@cache
def load() -> Languages:
    """The shipped table."""
    document = tomli.loads(files("mldebt.rules").joinpath("languages.toml").read_text("utf-8"))
    return Languages(*(_inverse(document[part]) for part in ("programs", "suffixes", "cells")))


def _inverse(names: Mapping[str, list[str]]) -> Mapping[str, str]:
    return {name: language for language, listed in names.items() for name in listed}
