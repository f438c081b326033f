"""The one exception of the readers: why a file, or the rest of it, could not be read."""

from __future__ import annotations

import re

from mldebt.facts import Trouble

_FILLED = re.compile(r"\{\{-?\s*[A-Za-z_.$][\w.]*(?:\s*\|[^{}]*|\([^{}]*\))?\s*-?\}\}")
"""`{{ name }}`, with filters and calls; doubled braces around anything else are those of a text with holes."""

_WRITTEN = re.compile(r"\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|include|template|block|tpl|toYaml)\b)")
"""What a template for Go says beside names: comments, branches, other templates."""

_DIRECTIVE = re.compile(r"%\{~?\s*(?:if|for|else|endif|endfor)\b")


class Unreadable(Exception):
    """Raised where reading stops; `start` is the offset, `code` one of `Problem`'s codes."""

    def __init__(self, start: int, code: str, text: str, cure: str = "") -> None:
        super().__init__(text)
        self.start = start
        self.code = code
        self.text = text
        self.cure = cure

    def trouble(self) -> Trouble:
        """The same as a fact."""
        return Trouble(self.start, self.code, self.text, self.cure)


def is_template(text: str) -> bool:
    """Whether a text that cannot be read holds the marks of what is filled in first (Jinja, Go, Terraform)."""
    return "{%" in text or any(marks.search(text) is not None for marks in (_FILLED, _WRITTEN, _DIRECTIVE))
