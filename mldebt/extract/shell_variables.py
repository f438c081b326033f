"""Variables of a shell script: what a command says once they are put in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 10_000
_GIVING = re.compile(r"(?:(?:export|readonly|local|declare|typeset)(?: +-\w+)* +)?")
_GIVEN = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<more>\+?)=(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&|()`\"']*)(?: +|$)")
_SET = re.compile(r"(?:^|[\s;&|(])(?P<name>[A-Za-z_]\w*)\+?=")
_LOOP = re.compile(r"\b(?:for|read(?: +-\w+)*) +(?P<names>[A-Za-z_]\w*(?: +[A-Za-z_]\w*)*)")
_USE = re.compile(
    r"(?P<as_is>\\.|'[^']*')|\$(?:(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<braced>[A-Za-z_]\w*)(?::?[-=](?P<otherwise>[^{}$`\"'\\]*))?\})"
)
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"")
_BLOCK = re.compile(r"(?:^|[;&|]|\b(?:then|do|else)\b)\s*(?P<word>if|for|while|until|case|select|fi|done|esac)\b")
_ELSEWHERE = re.compile(r"(?:^|[;&|]\s*)(?:\.|source|eval)\s")
_OPENS = frozenset({"if", "for", "while", "until", "case", "select"})


@dataclass(slots=True)
class ShellVariables:
    """What is known of the variables while the lines of a script are read in order. What a block may set, a command
    computes or a caller decides on is not known; a default (`${NAME:-this}`) is. `defaults` are those of variables that
    the script has not set before, and so takes from outside."""

    defaults: dict[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)
    _blocks: int = 0
    _braces: int = 0

    def read(self, line: str) -> str:
        """A line with the variables that are known put in; those that it sets hold for the next one."""
        text = self._put_in(line)
        if _ELSEWHERE.search(text):  # what another file, or a text, says may set any of them
            self._known.clear()
        inside = self._blocks > 0 or self._braces > 0
        given = _assignments(text)
        looped = [name for found in _LOOP.finditer(text) for name in found["names"].split()]
        named = (*looped, *(one["name"] for one in _SET.finditer(text)))
        self._own.update(named)
        for name in named:
            if inside or not any(name == one["name"] for one in given):
                self._known.pop(name, None)
        for one in given if not inside else ():
            self._give(one["name"], one["value"], more=bool(one["more"]))
        self._enter(text)
        return text

    def _give(self, name: str, value: str, *, more: bool) -> None:
        said = value[1:-1] if value[:1] in ("'", '"') else value
        if any(sign in said for sign in "$`\"'\\") or (more and name not in self._known):
            self._known.pop(name, None)
        else:
            self._known[name] = self._known[name] + said if more else said

    def _enter(self, text: str) -> None:
        """Counts the blocks, and the bodies of functions, that a line opens and closes."""
        plain = _QUOTED.sub("", text)
        for found in _BLOCK.finditer(plain):
            self._blocks = max(self._blocks + (1 if found["word"] in _OPENS else -1), 0)
        self._braces = max(self._braces + plain.rstrip().endswith("{") - (plain.strip().startswith("}")), 0)

    def _put_in(self, text: str) -> str:
        """Single quotes hold what they say, double quotes do not: an apostrophe in them begins nothing."""
        pieces, place = [], 0
        for quoted in _QUOTED.finditer(text):
            if text.count("'", place, quoted.start()) % 2:
                continue
            pieces.append(_USE.sub(self._value, text[place : quoted.start()]))
            pieces.append(_USE.sub(self._value, quoted[0].replace("'", "\0")).replace("\0", "'"))
            place = quoted.end()
        done = "".join((*pieces, _USE.sub(self._value, text[place:])))
        return done if len(done) <= LONGEST else text

    def _value(self, use: re.Match[str]) -> str:
        if use["as_is"]:
            return use[0]
        name = use["plain"] or use["braced"]
        if use["otherwise"] and name not in self._own:
            self.defaults.setdefault(name, use["otherwise"])
        known = self._known.get(name)
        return known or use["otherwise"] or use[0]


def _assignments(text: str) -> list[re.Match[str]]:
    """The assignments of a line that consists of nothing else."""
    place, found = _GIVING.match(text).end(), []  # type: ignore[union-attr]
    while place < len(text):
        one = _GIVEN.match(text, place)
        if one is None:
            return []
        found.append(one)
        place = one.end()
    return found
