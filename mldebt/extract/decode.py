"""Bytes of a source file to text, as Python itself would (PEP 263), or a trouble."""

from __future__ import annotations

import codecs
import re

from mldebt.facts import FileFacts, Trouble

NOTHING_LEFT = ("it holds NUL characters and nothing else", "bring back what stood in it, or delete it")
"""Why a file of zeros cannot be read, and what is to be done: nothing in it can be mended."""

_HEAD = 4096
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")


def decode_python(data: bytes) -> str | Trouble:
    """The text without its byte-order mark, or why it cannot be decoded."""
    if data.startswith(codecs.BOM_UTF8):
        return _decode(data[3:], "utf-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Trouble(0, "encoding", "the file is UTF-16", "save it as UTF-8")
    return _decode(data, _declared(data))


def undecodable(kind: str, data: bytes, trouble: Trouble) -> FileFacts:
    """The facts of a file that is no text: its trouble alone, whose offset counts bytes."""
    lines = (0, *(end.end() for end in _LINE_END.finditer(data)))
    return FileFacts(kind=kind, lines=lines, troubles=(trouble,))


def decode_text(data: bytes) -> str | Trouble:
    """The text of a settings file of a form that knows UTF-8 alone, with or without a mark."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Trouble(0, "encoding", "the file is UTF-16", "save it as UTF-8")
    return _decode(data.removeprefix(codecs.BOM_UTF8), "utf-8")


def decode_marked(data: bytes) -> str | Trouble:
    """The text of a file that a mark at its beginning may tell to be UTF-16 or UTF-32, as pip and YAML (section
    5.2) have it; else UTF-8."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # before the other, with which it begins
        return _decode(data, "utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode(data, "utf-16")
    return decode_text(data)


def _declared(data: bytes) -> str:
    for line in data.split(b"\n", 2)[:2]:
        match = _COOKIE.match(line)
        if match:
            return match.group(1).decode("ascii", "replace")
        if not _BLANK.match(line):
            break
    return "utf-8"


def _decode(data: bytes, encoding: str) -> str | Trouble:
    try:
        info = codecs.lookup(encoding)
    except LookupError:
        return Trouble(0, "encoding", f"unknown encoding {encoding[:40]!r}", "declare a known encoding")
    if not getattr(info, "_is_text_encoding", True):
        return Trouble(0, "encoding", f"{encoding[:40]!r} is no text encoding", "declare a text encoding")
    try:
        text = info.decode(data)[0]
    except (UnicodeDecodeError, UnicodeError) as error:
        offset = getattr(error, "start", 0)
        if b"\0" in data[:_HEAD]:
            text = "the file holds no text, whatever its name says"
            return Trouble(0, "encoding", text, "exclude it, or give it the ending of what it holds")
        return Trouble(offset, "encoding", f"byte {offset} is no valid {info.name}", "save the file as UTF-8")
    if info.name != "utf-8" and _SURROGATE.search(text):
        return Trouble(0, "encoding", f"{info.name} gives halves of characters", "save it as UTF-8")
    return _nul(data) if "\0" in text else text


def _nul(data: bytes) -> Trouble:
    """What NUL characters say of a file: a write that was broken off leaves nothing else, or an end of them; what a
    shell of another encoding has put behind it has one in each second place."""
    if not data.strip(b"\0"):
        return Trouble(0, "encoding", *NOTHING_LEFT)
    first = data.find(b"\0")
    if first + 2 < len(data) and not any(data[first::2]) and all(data[first + 1 :: 2]):
        return Trouble(max(first - 1, 0), "encoding", "from this line on it is UTF-16", "save all of it as UTF-8")
    if data.endswith(b"\0"):
        cure = "cut them off, and see what is missing there"
        return Trouble(len(data.rstrip(b"\0")), "encoding", "it ends in NUL characters", cure)
    return Trouble(max(first, 0), "encoding", "the file holds a NUL character", "remove it")
