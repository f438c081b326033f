"""Files of variables that docker compose gives to its services: what they are called says nothing of what they are.

The format: https://docs.docker.com/reference/compose-file/services/#env_file
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from mldebt.gather.discover import Entry
from mldebt.gather.opened import Refused, read_head

LONGEST = 256 * 1024
NAME = ".env"
"""The name under which such a file is read."""
_COMPOSE = re.compile(r"(?:docker-compose|compose)[^/]*\.ya?ml$", re.IGNORECASE)
_GIVEN = re.compile(
    rb"^[ \t]+env_file[ \t]*:(?P<own>[^\n]*)"
    rb"(?P<more>(?:\n[ \t]*-[^\n]*|\n[ \t]+(?:path|required|format)[ \t]*:[^\n]*)*)",
    re.MULTILINE,
)
_PATH = re.compile(
    r"(?:^|[-\[,\n])[ \t]*(?:path[ \t]*:[ \t]*)?(?P<quote>[\"']?)(?P<path>[\w./-]+)(?P=quote)[ \t]*(?=$|[,\]\n#])"
)


def env_files(root: Path, entries: Iterable[Entry]) -> frozenset[str]:
    """The paths of the files that compose files give to services."""
    found: set[str] = set()
    for entry in entries:
        if _COMPOSE.fullmatch(posixpath.basename(entry.path)) and entry.size <= LONGEST:
            folder = posixpath.dirname(entry.path)
            found |= {posixpath.normpath(posixpath.join(folder, path)) for path in _named(root, entry)}
    return frozenset(found)


def _named(root: Path, entry: Entry) -> Iterable[str]:
    try:
        data = read_head(root / entry.real, LONGEST)
    except (FileNotFoundError, Refused):
        return ()  # the file itself tells why
    texts = (match["own"] + match["more"] for match in _GIVEN.finditer(data))
    return [match["path"] for text in texts for match in _PATH.finditer(text.decode("utf-8", "replace"))]
