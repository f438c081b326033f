"""Container files: what is copied where, and what runs in which folder.

The format: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass, field

from mldebt.declarations import Command, Mount, Task
from mldebt.extract.masking import masked_text

MOST_LINES = 5000
LONGEST = 10_000
_LINE = re.compile(r"(?P<word>[A-Za-z]+)[ \t]+(?P<rest>.*)", re.DOTALL)
_STAGE = re.compile(r"(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)
_FLAG = re.compile(r"--(?P<name>\w+)(?:=(?P<value>\S+))?\s+")
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})


@dataclass(slots=True)
class _Stage:
    """One stage of a build while its lines are read."""

    name: str
    start: int
    end: int = 0
    folder: str = "/"
    mounts: list[Mount] = field(default_factory=list)
    entry: Command | None = None
    command: Command | None = None
    exec_entry: bool = False

    def task(self) -> Task:
        """What the container runs: the entry point, with the command behind it."""
        run = self.command
        if self.entry is not None:
            behind = f" {self.command.text}" if self.command and self.exec_entry else ""
            run = Command(self.entry.text + behind, self.entry.start, self.entry.end)
        commands = () if run is None else (run,)
        return Task(self.name, (), commands, self.start, self.end, mounts=tuple(self.mounts), folder=self.folder)


def container_tasks(text: str) -> tuple[Task, ...]:
    """The last stage of a container file, with what earlier stages it is built on have."""
    stages: dict[str, _Stage] = {}
    stage: _Stage | None = None
    for start, end, line in _lines(text):
        match = _LINE.match(line)
        word = match["word"].upper() if match else ""
        if match and word == "FROM" and (named := _STAGE.match(match["rest"])):
            below = stages.get(named["image"].lower())
            stage = _Stage(named["name"] or "", start)
            if below is not None:
                stage.folder, stage.mounts = below.folder, list(below.mounts)
            stages[(named["name"] or f"stage {len(stages)}").lower()] = stage
        elif match and stage is not None:
            stage.end = end
            _instruction(stages, stage, word, match["rest"].strip(), (start, end))
    return () if stage is None else (stage.task(),)


def _lines(text: str) -> list[tuple[int, int, str]]:
    """Instructions with those lines that a backslash continues; comments between them are none."""
    found: list[tuple[int, int, str]] = []
    start, held, place = 0, "", 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        begin, place = place, place + len(raw)
        if line.lstrip().startswith("#") or len(found) >= MOST_LINES:
            continue
        start = start if held else begin
        if line.rstrip().endswith("\\") and len(held) <= LONGEST:
            held += line.rstrip()[:-1] + " "
            continue
        whole = (held + line).strip()
        if whole and len(whole) <= LONGEST:
            found.append((start, begin + len(line), whole))
        held = ""
    return found


def _instruction(stages: dict[str, _Stage], stage: _Stage, word: str, rest: str, at: tuple[int, int]) -> None:
    if word == "WORKDIR":
        stage.folder = posixpath.normpath(posixpath.join(stage.folder, rest.strip("\"'")))
    elif word in ("COPY", "ADD"):
        _copy(stages, stage, rest, at)
    elif word == "ENTRYPOINT":
        stage.entry, stage.exec_entry, stage.command = Command(_said(rest), *at), rest.startswith("["), None
    elif word == "CMD":
        stage.command = Command(_said(rest), *at)


def _copy(stages: dict[str, _Stage], stage: _Stage, rest: str, at: tuple[int, int]) -> None:
    """What is copied out of the repository, or out of a stage that has it from there."""
    below: _Stage | None = None
    while flag := _FLAG.match(rest):
        rest = rest[flag.end() :]
        if flag["name"] == "from":
            below = stages.get((flag["value"] or "").lower())
            if below is None:
                return
    words = _words(rest)
    for source in words[:-1]:
        target = posixpath.join(stage.folder, words[-1])
        if len(words) > 2 or words[-1].endswith("/") or words[-1] in (".", "./"):
            name = posixpath.basename(source.rstrip("/"))
            if "." in name.strip(".") and name not in (".", ".."):
                target = posixpath.join(target, name)
        target = posixpath.normpath(target)
        if below is None:
            stage.mounts.append(Mount(source, target, False, *at))
        else:
            stage.mounts += [
                Mount(one.source, posixpath.normpath(target + one.target[len(source.rstrip("/")) :]), False, *at)
                for one in below.mounts
                if f"{one.target}/".startswith(f"{source.rstrip('/')}/")
            ]


def _said(rest: str) -> str:
    """A command as one line of shell, also where it is a list of words."""
    words = _words(rest) if rest.startswith("[") else []
    if len(words) > 2 and words[0] in _SHELLS and words[1] == "-c":
        return masked_text(words[2])
    return masked_text(shlex.join(words) if words else rest)


def _words(rest: str) -> list[str]:
    if rest.startswith("["):
        try:
            return [str(word) for word in json.loads(rest)]
        except (ValueError, TypeError, RecursionError):
            return []
    return [word.strip("\"'") for word in rest.split()]
