"""Services of docker compose: what runs in which container, and what of the repository it sees.

The format: https://docs.docker.com/reference/compose-file/
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from mldebt.declarations import Command, Given, Mount, Task
from mldebt.link.pipelines.tree import Tree

_CONTAINER = "Dockerfile"
_HOST = re.compile(r"\.{0,2}/|\.{1,2}$|~|\$")
_USE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?[^}]*\}")


def services(root: Tree) -> Iterator[Task]:
    """The services of a compose file."""
    for service in root["services"]:
        commands = tuple(_commands(service))
        yield Task(
            service.name,
            tuple(one.said for one in service["depends_on"].entries()),
            commands,
            service.start,
            service.end,
            (),
            tuple(_environment(service)),
            tuple(_mounts(service)),
            service["working_dir"].value or "/",
            _build(service),
            _context(service),
            stage=service.at("build", "target").value or "",
        )


def _commands(service: Tree) -> Iterator[Command]:
    """The entry point with the command behind it, as one line of shell."""
    parts = [part for key in ("entrypoint", "command") if (part := service[key])]
    if parts:
        text = " ".join(_line(part) for part in parts)
        yield Command(" ".join(text.split()), parts[-1].start, parts[-1].end)


def _line(command: Tree) -> str:
    """A command as one line; one that a shell is given as a text is that text."""
    words = [one.value or "" for one in command] if command.kind == "list" else []
    if len(words) > 2 and words[1] == "-c":
        return words[2]
    return shlex.join(words) if words else (command.value or "")


def _environment(service: Tree) -> Iterator[Given]:
    for one in service["environment"]:
        name, _, value = (one.value or "").partition("=") if one.name.isdigit() else (one.name, "", one.value)
        yield Given(name, value, one.start, one.end)


def _mounts(service: Tree) -> Iterator[Mount]:
    """What of the repository a service sees: a named volume is one that its users share."""
    for one in service["volumes"]:
        if one.value is not None:
            source, _, rest = _USE.sub(lambda use: use[2] or f"{{{use[1]}}}", one.value).partition(":")
            target, _, mode = rest.partition(":")
        else:
            source, target = one["source"].value or "", one["target"].value or ""
            mode = "ro" if one["read_only"].value == "true" else ""
        if target.startswith("/"):
            source = source if _HOST.match(source) else f"/{source}"
            yield Mount(source, posixpath.normpath(target), "ro" not in mode.split(","), one.start, one.end)


def _build(service: Tree) -> str:
    """The file of the container a service is built from."""
    context = _context(service)
    file = service.at("build", "dockerfile").value or _CONTAINER
    return posixpath.normpath(posixpath.join(context, file)) if context else ""


def _context(service: Tree) -> str:
    """The folder it is built in; empty where it is not built here."""
    build = service["build"]
    named = build.value if build.value is not None else build["context"].value
    return named if named is not None and "://" not in named else ("." if build["dockerfile"] else "")


def built_in(root: Tree, service: str) -> str:
    """The folder a service of a compose file is built in; that of the file for one that is not built."""
    return _context(root["services"][service]) or "."
