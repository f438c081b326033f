"""Literals as plain values, with what must not stand in clear masked."""

from __future__ import annotations

import ast
import re

import libcst as cst

from mldebt.facts import LONGEST_TEXT, Scalar

_PASSWORD_IN_URL = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^/\s@{}]+(?=@)", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|secret|token|apikey|api_key|access_key|secret_key|private_key|credential)s?$",
    re.IGNORECASE,
)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def text_of(node: cst.SimpleString) -> tuple[Scalar, str]:
    """The value of a string literal and its kind; an undecodable one keeps its source text."""
    raw = node.value
    quote = 3 if raw.endswith(('"""', "'''")) and len(raw) >= 6 else 1
    prefix = len(raw) - len(raw.lstrip("rRbBuUfFtT"))
    letters = raw[:prefix].lower()
    body = raw[prefix + quote : -quote]
    if "b" in letters:
        return _cut(body), "bytes"
    if "\\" in body and "r" not in letters:
        body = _unescaped(raw, body)
    value = _cut(_PASSWORD_IN_URL.sub(r"\g<head>***", body) if "@" in body and "://" in body else body)
    return value, "long" if len(body) > LONGEST_TEXT else ""


def formatted_text(text: str, raw: bool) -> str:
    """The value of the literal text between the fields of an f-string."""
    plain = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in plain or not plain.isascii():
        return plain
    try:
        return _storable(plain.encode().decode("unicode_escape"))
    except UnicodeDecodeError:
        return plain  # a backslash before a field stands for itself


def number_of(text: str) -> tuple[Scalar, str]:
    """The value of an integer, float or imaginary literal; what does not fit stays text."""
    plain = text.replace("_", "")
    if len(plain) > 40 or plain[-1] in "jJ":
        return plain[:40], "number"
    try:
        value = int(plain, 0)
    except ValueError:
        return _float(plain)
    return (value, "") if _SMALLEST <= value <= _LARGEST else (plain, "number")


def is_secret_name(name: str) -> bool:
    """Whether what is bound to this name must not be kept in clear."""
    return _SECRET_NAME.search(name) is not None


def _float(plain: str) -> tuple[Scalar, str]:
    try:
        return float(plain), ""
    except ValueError:
        return plain, "number"


def _unescaped(raw: str, body: str) -> str:
    try:
        value = ast.literal_eval(raw)
    except (ValueError, SyntaxError, MemoryError):
        return body
    return _storable(value) if isinstance(value, str) else body


def _storable(text: str) -> str:
    """A lone surrogate cannot be stored as UTF-8; it is shown escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT]
