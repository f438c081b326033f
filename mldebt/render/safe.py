"""Making text from scanned code harmless for the terminal, log or document it goes into."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHORT = {"\n": "\\n", "\r": "\\r"}
_BYTES = range(0xDC80, 0xDD00)  # how Python holds bytes of a file name that are no UTF-8


def visible(text: str) -> str:
    """One line of text with everything that could steer a terminal or hide itself written out.

    Control characters become `\\x1b`, other invisible ones (bidirectional marks, zero width,
    line separators, surrogates) `<U+202E>`, undecodable bytes `\\xff`. Tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def without_surrogates(text: str) -> str:
    """The same text, fit for UTF-8: lone surrogates are written out as `\\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def break_commands(text: str) -> str:
    """Text that no build server takes for a command: `::` at the start of a line, and `##[` and
    its kin anywhere, are pulled apart by a blank."""
    text = re.sub(r"(?m)^((?:\s|\x1b\[[0-9;]*m)*):(?=:)", r"\1: ", text)
    return re.sub(r"##(?=\[|vso\[|teamcity\[)", "# #", text)


def finish(text: str, ascii: bool, in_actions: bool) -> str:
    """The last step of every text for people: one newline at the end, and what was asked for."""
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n") + "\n"
    if ascii:
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    return break_commands(text) if in_actions else text


def _shown(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 and code != 0xAD else f"<U+{code:04X}>")
