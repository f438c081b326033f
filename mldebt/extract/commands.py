"""Makefiles and shell scripts: which commands they run, in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldebt.declarations import Command, Port, Setting, Task
from mldebt.extract.masking import masked_text, masked_value
from mldebt.extract.positions import line_starts
from mldebt.extract.shell_variables import ShellVariables
from mldebt.facts import FileFacts

MOST_COMMANDS = 2000
MOST_TARGETS = 2000
MOST_NEEDS = 200
LONGEST = 10_000
_GIVEN = re.compile(r"(?:(?:export|override) +)?(?P<name>[\w.-]+) *(?P<how>\?=|\+=|!=|:{0,3}=)(?P<value>.*)")
_USE = re.compile(r"\$\$|\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")
_AUTOMATIC = re.compile(r"\$(?:([@<^+])|\(([@<^+])\))")
_PATH = re.compile(r"[^%*?$(){}]*[./][^%*?$(){}]*")
_DEEPEST = 8
_LIST = re.compile(r"(?:(?:local|declare|readonly|typeset|export)(?: +-\w+)* +)?[A-Za-z_]\w*\+?=\((?!\()")
_DOCUMENT = re.compile(r"(?<![<\w])<<-? ?(?P<quote>[\"']?)(?P<end>[A-Za-z_]\w*)(?P=quote)")
_OPENS = ("ifdef ", "ifndef ", "ifeq ", "ifeq(", "ifneq ", "ifneq(")


@dataclass(slots=True)
class _Make:
    """A Makefile while its lines are read. What a conditional may set is not known."""

    variables: dict[str, str] = field(default_factory=dict)
    rules: dict[str, tuple[dict[str, None], list[Command], int]] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    conditions: int = 0
    unknown: set[str] = field(default_factory=set)
    phony: set[str] = field(default_factory=set)

    def line(self, start: int, line: str) -> None:
        """Reads one logical line that is no recipe."""
        text = uncommented(line).strip()
        if text.startswith(_OPENS):
            self.conditions += 1
        elif text == "endif":
            self.conditions -= 1
        elif given := _GIVEN.match(text):
            self.give(given["name"], given["how"], given["value"].strip())
        elif text.startswith(".PHONY"):
            self.phony.update(filled(text.partition(":")[2], self.variables).split())
        elif ":" in text and not re.match(r"\.[A-Z]", text):
            self.rule(start, line, text)

    def give(self, name: str, how: str, value: str) -> None:
        """A variable gets a value, or more of one."""
        if self.conditions > 0 or how == "!=":
            self.unknown.add(name)
            self.variables.pop(name, None)
        elif how == "+=" and name in self.variables:
            self.variables[name] += f" {value}"
        elif name not in self.unknown and not (how == "?=" and name in self.variables):
            self.variables[name] = value

    def rule(self, start: int, line: str, text: str) -> None:
        """Targets, what they need, and a command on the same line."""
        names, _, rest = text.partition(":")
        rest, _, run = rest.partition(";")
        needs = filled(rest.lstrip(":").replace("|", " "), self.variables).split()
        self.targets = tuple(filled(names.rstrip("&"), self.variables).split())
        for target in self.targets:
            if target in self.rules or len(self.rules) < MOST_TARGETS:
                known = self.rules.setdefault(target, ({}, [], start))[0]
                known.update(dict.fromkeys(needs[:MOST_NEEDS]))
        self.run(start, line, run)

    def run(self, start: int, line: str, command: str) -> None:
        """A line of the recipe of the last targets."""
        body = filled(uncommented(command).strip().lstrip("@-+").strip(), self.variables)
        for target in self.targets if body else ():
            commands = self.rules[target][1] if target in self.rules else []
            if len(commands) < MOST_COMMANDS:
                commands.append(Command(masked_text(body), start, start + len(line)))

    def tasks(self) -> Iterator[Task]:
        """One for each target. A target that is a file is what it gives, needs that are files what it takes."""
        for name, (needs, commands, start) in self.rules.items():
            end = commands[-1].end if commands else start
            lines = tuple(Command(_automatic(one.text, name, needs), one.start, one.end) for one in commands)
            ports = tuple(Port(path, slot, start, end) for path, slot in self.files(name, needs) if commands)
            yield Task(name, tuple(needs), lines, start, end, ports)

    def files(self, name: str, needs: dict[str, None]) -> Iterator[tuple[str, str]]:
        """The files among what a target needs, and the target itself where it is one."""
        if name not in self.phony and _PATH.fullmatch(name):
            yield name, "out"
            yield from ((need, "in") for need in needs if need not in self.phony and _PATH.fullmatch(need))


def _automatic(text: str, name: str, needs: dict[str, None]) -> str:
    """A command with what Make puts in for its target and needs."""
    values = {"@": name, "<": next(iter(needs), ""), "^": " ".join(needs), "+": " ".join(needs)}
    return _AUTOMATIC.sub(lambda use: values[use[1] or use[2]] or use[0], text)[:LONGEST]


def read_make(text: str) -> FileFacts:
    """One task for each target; simple variables are put in. Lines beyond LONGEST are left out."""
    make = _Make()
    defines = False
    for start, line in _logical_lines(text):
        if line.startswith(("define ", "endef")):
            defines = line.startswith("define ")
        elif not defines and len(line) <= LONGEST:
            if line.startswith("\t"):
                make.run(start, line, line)
            else:
                make.line(start, line)
    return FileFacts(kind="commands", lines=line_starts(text), tasks=tuple(make.tasks()))


def read_shell(text: str) -> FileFacts:
    """The whole script as one task, with its own variables put in; the settings are defaults of those it is given. What
    stands in here-documents is data, the arms of a `case` are alternatives."""
    commands: list[Command] = []
    variables, settings = ShellVariables(), dict[str, Setting]()
    until: list[str] = []
    cases = listed = 0
    for start, line in _logical_lines(text):
        body = uncommented(line).strip()
        if until:
            until = until[1:] if line.strip() == until[0] else until
            continue
        if listed > 0 or _LIST.match(body):  # words that a command is given later
            listed = max(listed + body.count("(") - body.count(")"), 0)
            continue
        body = variables.read(body) if len(line) <= LONGEST else body
        for name in variables.defaults.keys() - settings.keys():
            said = masked_value(name, variables.defaults[name])
            settings[name] = Setting((name,), said, "text", start, start + len(line))
        cases += body.startswith("case ") - (body == "esac" or body.startswith("esac "))
        if body and cases == 0 and len(line) <= LONGEST and len(commands) < MOST_COMMANDS:
            commands.append(Command(masked_text(body), start, start + len(line)))
        until = [match["end"] for match in _DOCUMENT.finditer(body) if _stands_free(body[: match.start()])]
    task = Task("", (), tuple(commands), 0, len(text))
    given = tuple(settings[name] for name in sorted(settings))
    return FileFacts(kind="commands", lines=line_starts(text), tasks=(task,), settings=given)


def read_processes(text: str) -> FileFacts:
    """A Procfile: one task for each kind of process."""
    tasks: list[Task] = []
    for start, line in _logical_lines(text):
        name, colon, run = line.partition(":")
        if colon and re.fullmatch(r"[\w-]+", name) and run.strip() and len(tasks) < MOST_TARGETS:
            end = start + len(line)
            tasks.append(Task(name, (), (Command(masked_text(run.strip()[:LONGEST]), start, end),), start, end))
    return FileFacts(kind="commands", lines=line_starts(text), tasks=tuple(tasks))


def _stands_free(before: str) -> bool:
    """Whether what follows is neither in quotes nor in arithmetic."""
    quoted = before.count('"') % 2 or before.count("'") % 2
    return not quoted and before.count("((") <= before.count("))")


def uncommented(line: str) -> str:
    """A line without the comment at its end: a `#` behind a blank, outside of quotes."""
    quote = ""
    for place, sign in enumerate(line[:LONGEST]):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#" and (place == 0 or line[place - 1] in " \t"):
            return line[:place]
    return line


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues, and where each begins. A comment ends with its line."""
    start, held, place = 0, "", 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        start = place if not held else start
        place += len(raw)
        if line.endswith("\\") and not (held or line).lstrip().startswith("#") and len(held) <= LONGEST:
            held += f"{line[:-1]} "
            continue
        yield start, held + line
        held = ""
    if held:
        yield start, held


def filled(text: str, variables: dict[str, str]) -> str:
    """A text with its variables put in, as far as they are known; the others stay as they are written."""
    for _ in range(_DEEPEST):
        uses = [variables.get(match["round"] or match["curly"] or "", "") for match in _USE.finditer(text)]
        if not any(uses) or len(text) + sum(map(len, uses)) > LONGEST:
            break
        text = _USE.sub(lambda match: variables.get(match["round"] or match["curly"] or "", match[0]), text)
    return text
