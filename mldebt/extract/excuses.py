"""Comments that speak to mldebt in files other than Python: only what the format itself takes for a comment counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from mldebt.facts import Comment

ADDRESS = "mldebt:"
_YAML = (".yaml", ".yml")
_STRINGS = r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'"
_HASH = re.compile(rf"{_STRINGS}|(?P<comment>(?:(?<=\s)|^)[#;][^\n]*)", re.MULTILINE)
_SQL = re.compile(r"'(?:''|[^'])*'|\"[^\"]*\"|`[^`]*`|(?P<comment>--[^\n]*|/\*[\s\S]*?\*/)")


def excuses(text: str, name: str, *, sql: bool = False) -> tuple[Comment, ...]:
    """The comments of a text that are addressed to mldebt, in order."""
    if ADDRESS not in text:
        return ()
    values = tuple(_long_values(text)) if name.lower().endswith(_YAML) else ()
    found = ((match.start("comment"), match["comment"]) for match in (_SQL if sql else _HASH).finditer(text)
             if match["comment"])  # fmt: skip
    return tuple(
        Comment(start, said.rstrip(), not text[text.rfind("\n", 0, start) + 1 : start].strip())
        for start, said in found
        if ADDRESS in said and not any(first <= start < last for first, last in values)
    )


def _long_values(text: str) -> Iterator[tuple[int, int]]:
    """Where values of several lines stand, in which a line that begins with # is a part of the value; the whole text
    where it is no YAML."""
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.ScalarToken) and token.start_mark.line != token.end_mark.line:
                yield token.start_mark.index, token.end_mark.index
    except (yaml.YAMLError, RecursionError):
        yield 0, len(text)
