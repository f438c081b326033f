"""How deep the brackets of a text nest, known before a parser that recurses gets it."""

from __future__ import annotations

import re

DEEPEST = 200
"""What Python's own tokenizer takes; parsers of deeper nests need time that grows with the square."""

# Strings and comments, whose brackets do not nest, then brackets.
_TOKENS = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|"
    r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'
    r"'[^'\\\n]*(?:\\.[^'\\\n]*)*'|"
    r"#[^\n]*|[(\[{]|[)\]}]",
    re.DOTALL,
)


def too_deep(text: str) -> int | None:
    """The offset of the first bracket behind DEEPEST open ones, outside strings and comments; or None."""
    if text.count("(") + text.count("[") + text.count("{") <= DEEPEST:
        return None
    level = 0
    for match in _TOKENS.finditer(text):
        token = match[0]
        if token in "([{":
            level += 1
            if level > DEEPEST:
                return match.start()
        elif token in ")]}":
            level = max(level - 1, 0)
    return None
