"""Makefiles and shell scripts: which commands they run, in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldebt.extract.positions import line_starts
from mldebt.facts import Command, FileFacts, Task

MOST_COMMANDS = 2000
_RULE = re.compile(
    r"^(?P<names>[^\s#:=][^#:=]*?)\s*::?(?!=)\s*(?P<needs>[^#=;|]*)(?:\|(?P<first>[^#;]*))?(?:;(?P<run>.*))?"
)
_VARIABLE = re.compile(r"^(?:export\s+)?(?P<name>[\w.-]+)\s*(?::{0,2}|\?|\+)=\s*(?P<value>.*)$")
_USE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")
_DEEPEST = 8
_HERE_DOCUMENT = re.compile(r"<<-?\s*[\"']?(?P<end>\w+)[\"']?")


@dataclass(slots=True)
class _Rule:
    """A rule of Make while its lines are read."""

    targets: list[str]
    needs: tuple[str, ...]
    start: int
    commands: list[Command] = field(default_factory=list)

    def run(self, body: str, start: int, line: str) -> None:
        if len(self.commands) < MOST_COMMANDS:
            self.commands.append(Command(body, start, start + len(line)))

    def tasks(self) -> Iterator[Task]:
        """One for each target."""
        end = self.commands[-1].end if self.commands else self.start
        for target in self.targets:
            yield Task(target, self.needs, tuple(self.commands), self.start, end)


def read_make(text: str) -> FileFacts:
    """One task for each target with commands or needs; simple variables are put in."""
    rules: list[_Rule] = []
    variables: dict[str, str] = {}
    for start, line in _logical_lines(text):
        if line.startswith("\t"):
            body = _filled(line.strip().lstrip("@-+"), variables)
            if body and rules:
                rules[-1].run(body, start, line)
        elif given := _VARIABLE.match(line):
            variables[given["name"]] = given["value"].strip()
        elif (rule := _RULE.match(line)) and not line.startswith("."):
            needs = _filled(f"{rule['needs']} {rule['first'] or ''}", variables).split()
            rules.append(_Rule(_filled(rule["names"], variables).split(), tuple(needs), start))
            if rule["run"]:
                rules[-1].run(_filled(rule["run"].strip(), variables), start, line)
    tasks = [task for rule in rules for task in rule.tasks()]
    return FileFacts(kind="commands", lines=line_starts(text), tasks=tuple(tasks))


def read_shell(text: str) -> FileFacts:
    """The whole script as one task; what stands in here-documents is data."""
    commands: list[Command] = []
    until = ""
    for start, line in _logical_lines(text):
        body = line.strip()
        if until:
            until = "" if body == until else until
            continue
        if body and not body.startswith("#") and len(commands) < MOST_COMMANDS:
            commands.append(Command(body, start, start + len(line)))
        document = _HERE_DOCUMENT.search(body)
        until = document["end"] if document and not body.startswith("#") else ""
    task = Task("", (), tuple(commands), 0, len(text))
    return FileFacts(kind="commands", lines=line_starts(text), tasks=(task,))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues, and the offset at which each begins."""
    start, held = 0, ""
    place = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        if not held:
            start = place
        place += len(raw)
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        yield start, held + line
        held = ""
    if held:
        yield start, held


def _filled(text: str, variables: dict[str, str]) -> str:
    """A text with its variables put in, as far as they are known; the others stay as they are written."""
    for _ in range(_DEEPEST):
        filled = _USE.sub(lambda match: variables.get(match["round"] or match["curly"], match[0]), text)
        if filled == text or len(filled) > 10_000:
            break
        text = filled
    return text
