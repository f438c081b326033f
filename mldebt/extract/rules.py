"""Rules of Snakemake: what each takes and gives, and what it runs. Read as text, by its blocks and their strings.

The format: https://snakemake.readthedocs.io/en/stable/snakefiles/rules.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldebt.declarations import Command, Given, Port, Task
from mldebt.extract.masking import masked_text
from mldebt.extract.positions import line_starts
from mldebt.facts import FileFacts

MOST_RULES = 500
MOST_STRINGS = 200
DEEPEST = 4
_RULE = re.compile(r"^(?P<indent>[ \t]*)(?:rule|checkpoint)(?:[ \t]+(?P<name>\w+))?[ \t]*:", re.MULTILINE)
_PART = re.compile(r"^[ \t]+(?P<name>\w+)[ \t]*:(?P<rest>[^\n]*)", re.MULTILINE)
_STRING = re.compile(r"(?:(?P<key>\b\w+)[ \t]*=[ \t]*(?:[\w.]+\([ \t\n]*)?)?[fr]?(?P<quote>\"\"\"|'''|\"|')"
                     r"(?P<text>(?:\\.|(?!(?P=quote))[\s\S])*)(?P=quote)")  # fmt: skip
_PLAIN = re.compile(r"(?P<key>\b\w+)[ \t]*=[ \t]*(?P<value>[-+\w.]+)[ \t]*(?:,|$)", re.MULTILINE)
_JOIN = re.compile(r"(?:(?P<key>\b\w+)[ \t]*=[ \t]*(?:[\w.]+\([ \t\n]*)?)?\bos\.path\.join\((?P<parts>[^()]*)\)")
_WORD = re.compile(r"[fr]?(?P<quote>\"|')(?P<text>[^\"'\n]*)(?P=quote)|(?P<name>[A-Za-z_][\w.]*(?:\[[^\]]*\])?)")
_BARE = re.compile(r"(?:(?P<key>\b\w+)[ \t]*=[ \t]*)?(?<![\w.\"'{])(?P<name>[A-Za-z_]\w*)[ \t]*(?=,|\)|\n|$)")
_NAMED = re.compile(r"^(?P<name>\w+)[ \t]*=[ \t]*(?P<value>.+)$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_AFTER = re.compile(r"\brules\.(\w+)\.output")
_USE = re.compile(r"(?<!\{)\{(?P<part>input|output|params)(?:\.(?P<name>\w+)|\[(?P<index>\d+)\])?\}(?!\})")
_RUNS = ("shell", "script", "notebook")


@dataclass(slots=True)
class _Rule:
    """A rule while its parts are read: the strings of each part, with the names they have."""

    parts: dict[str, list[tuple[str, str, int, int]]] = field(default_factory=dict)
    after: dict[str, None] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """A command with the names of files and the parameters put in."""

        def put(use: re.Match[str]) -> str:
            given = self.parts.get(use["part"], [])
            if use["name"]:
                given = [one for one in given if one[0] == use["name"]]
            if use["index"]:
                given = given[int(use["index"][:4]) :][:1]
            return " ".join(one[1] for one in given) or use[0]

        return _USE.sub(put, text)


def read_rules(text: str) -> FileFacts:
    """One task for each rule that gives something or runs something. What stands in comments is none."""
    text = _COMMENT.sub(lambda line: " " * len(line[0]), text)
    starts = list(_RULE.finditer(text))[:MOST_RULES]
    tasks = []
    for number, match in enumerate(starts):
        last = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        task = _task(match["name"] or f"rule {number + 1}", text, match.end(), _end(text, match, last))
        if task.ports or task.commands:
            tasks.append(task)
    return FileFacts(kind="commands", lines=line_starts(text), tasks=tuple(tasks))


def _end(text: str, rule: re.Match[str], last: int) -> int:
    """Where a rule's block ends: at the first line that is indented no further than the rule."""
    indent = len(rule["indent"])
    for line in re.finditer(r"^([ \t]*)[^\s#]", text[rule.end() : last], re.MULTILINE):
        if len(line[1]) <= indent and line.start() > 0:
            return rule.end() + line.start()
    return last


def _task(name: str, text: str, start: int, end: int) -> Task:
    rule = _Rule()
    parts = list(_PART.finditer(text, start, end))
    for number, match in enumerate(parts):
        last = parts[number + 1].start() if number + 1 < len(parts) else end
        at = match.start("rest")
        found = _strings(text, at, last) + (_values(text, at, last) if match["name"] == "params" else [])
        rule.parts.setdefault(match["name"], []).extend(found[:MOST_STRINGS])
        rule.after.update(dict.fromkeys(_AFTER.findall(text, at, last) if match["name"] == "input" else ()))
    ports = tuple(
        Port(path, slot, at, until)
        for slot, part in (("in", "input"), ("out", "output"))
        for _, path, at, until in rule.parts.get(part, ())
    )
    given = tuple(Given(key, value, at, until) for key, value, at, until in rule.parts.get("params", ()) if key)
    return Task(name, tuple(rule.after), tuple(_commands(rule)), start, end, ports, given)


def _commands(rule: _Rule) -> Iterator[Command]:
    """What a rule runs; the strings of one part stand behind each other."""
    for part in _RUNS:
        found = rule.parts.get(part, [])
        if found:
            said = rule.filled("".join(one[1] for one in found))
            for line in said.replace("\\\n", " ").splitlines():
                if line.strip():
                    yield Command(masked_text(line.strip()), found[0][2], found[-1][3])


def _strings(text: str, start: int, end: int) -> list[tuple[str, str, int, int]]:
    """The strings of a part: name, text, place. Parts that are joined are one path; a name that stands for what another
    file says is a hole in it."""
    joined = list(_JOIN.finditer(text, start, end))
    found = [(m["key"] or "", _path(m["parts"], text), m.start("parts"), m.end("parts")) for m in joined]
    held = [(at, until) for _, _, at, until in found]
    found += [
        (m["key"] or "", m["text"], m.start("text"), m.end("text"))
        for m in _STRING.finditer(text, start, end)
        if not any(at <= m.start("text") < until for at, until in held)
    ]
    held = [(at, until) for _, _, at, until in found]
    for m in _BARE.finditer(text, start, end):
        said = "" if any(at <= m.start("name") < until for at, until in held) else _value(m["name"], text, 0)
        if said and said != f"{{{m['name']}}}":
            found.append((m["key"] or "", said, m.start("name"), m.end("name")))
    return sorted(found, key=lambda one: one[2])


def _path(parts: str, text: str, depth: int = 0) -> str:
    """The path that parts are joined to, with the values of names that the file gives strings."""
    said = ("".join(_said(one, text, depth) for one in _WORD.finditer(part)) for part in parts.split(","))
    return "/".join(word.strip("/") if number else word for number, word in enumerate(filter(None, said)))


def _said(word: re.Match[str], text: str, depth: int) -> str:
    return word["text"] if word["name"] is None else _value(word["name"], text, depth)


def _value(name: str, text: str, depth: int) -> str:
    given = next((one["value"].strip() for one in _NAMED.finditer(text) if one["name"] == name), "")
    joined, plain = _JOIN.fullmatch(given), _WORD.fullmatch(given)
    if joined is not None and depth < DEEPEST:
        return _path(joined["parts"], text, depth + 1)
    return plain["text"] if plain is not None and plain["name"] is None else f"{{{name}}}"


def _values(text: str, start: int, end: int) -> list[tuple[str, str, int, int]]:
    """Numbers and the like that a part gives names."""
    return [(m["key"], m["value"], m.start("value"), m.end("value")) for m in _PLAIN.finditer(text, start, end)]
