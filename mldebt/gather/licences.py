"""Folders that hold a project of somebody else: each has a licence and a page of its own."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from mldebt.gather.discover import Entry
from mldebt.gather.opened import Refused, read_bytes

_LICENCE = re.compile(r"(?:un)?licen[cs]e(?:\.(?:txt|md|rst))?|copying(?:\.(?:txt|md))?", re.IGNORECASE)
_PAGE = re.compile(r"readme(?:\.\w+)?", re.IGNORECASE)
_CODE = (".py", ".ipynb")
_TOP = "/.github/"
_MOST = 0.9
_LIMIT = 256 * 1024


def projects_of_others(root: Path, entries: Iterable[Entry]) -> frozenset[str]:
    """The folders below the top that hold another licence than the top does, a page beside it, and not most of the
    code; where the top has no licence, half of it is most. A licence that several folders hold is the repository's own,
    whatever the top says: projects side by side were not all begun in one year. One that is like the top's, as
    well-known ones are, counts in what was the top of a repository itself."""
    listed = tuple(entries)
    licences = [entry for entry in listed if _LICENCE.fullmatch(posixpath.basename(entry.path))]
    pages = {posixpath.dirname(one.path) for one in listed if _PAGE.fullmatch(posixpath.basename(one.path))}
    if all("/" not in one.path for one in licences):
        return frozenset()
    texts = {posixpath.dirname(one.path): _text(root, one) for one in licences}
    shared = {text for text, count in Counter(texts.values()).items() if count > 1}
    own = {texts.get("", b""), b"", *shared}
    code = [one.path for one in listed if one.path.endswith(_CODE)]
    inside = {folder: sum(path.startswith(f"{folder}/") for path in code) for folder in texts}
    tops = {one.path.partition(_TOP)[0] for one in listed if _TOP in one.path}
    foreign = (folder for folder, text in texts.items() if text not in own or (text and folder in tops))
    most = _MOST if "" in texts else 0.5
    return frozenset(one for one in foreign if one and one in pages and inside[one] < most * len(code))


def is_of_others(path: str, projects: frozenset[str]) -> bool:
    """Whether a file lies in one of these folders."""
    parts = path.split("/")
    return bool(projects) and any("/".join(parts[:index]) in projects for index in range(1, len(parts)))


def _text(root: Path, entry: Entry) -> bytes:
    """A licence but for the spaces in it, which differ from copy to copy."""
    try:
        return b" ".join(read_bytes(root / entry.real, _LIMIT).split())
    except (FileNotFoundError, Refused):
        return b""
