"""What files other than code say, by themselves: settings, commands and tasks, requirements. Parts of `FileFacts`."""

from __future__ import annotations

import msgspec


class Setting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One key of a settings file. `key` is the path to it, sequence positions as digits.
    `value` is the scalar as text (`None` for null); containers have kind map or list."""

    key: tuple[str, ...]
    value: str | None
    kind: str  # text, number, bool, null, map, list
    start: int
    end: int


class Command(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line of shell, continuations joined. Variables of Make are put in as far as they are known."""

    text: str
    start: int
    end: int


class Task(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A piece of a file that runs commands in order: a target of Make, a stage, a job, or a whole shell script (no
    name). `needs` are the names of what runs before it."""

    name: str
    needs: tuple[str, ...]
    commands: tuple[Command, ...]
    start: int
    end: int


class Requirement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A package that a file asks for, or that a lock file holds.

    `pinned`: one version, one minor version (`==1.2.*`), or a fixed archive or commit. `group` is
    empty for what is always installed; else `extra:NAME`, `group:NAME`, or `constraint` for what
    bounds a version and installs nothing. `source`: url, path (a folder or file here), empty for an
    index; the address itself is not kept. `hashed`: digests stand with it.
    """

    name: str
    specifier: str
    pinned: bool
    start: int
    end: int
    group: str = ""
    marker: str = ""
    source: str = ""
    hashed: bool = False


class Reference(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Another file that a file of requirements, or an install command, takes in: `kind` is requirements
    or constraints; `image` for what a container is built from, whose `path` is the image's name."""

    path: str
    kind: str
    start: int
    end: int
