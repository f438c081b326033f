"""The names and versions that a lock file holds. It is made by a program, so its form is known by its lines."""

from __future__ import annotations

import re

from mldebt.declarations import Requirement
from mldebt.extract.requirement_lines import Asked

_TOML = re.compile(
    r"^\[\[(?:package|packages)\]\][ \t]*\r?\n(?:(?!\[)[^\n]*\n)*?name[ \t]*=[ \t]*\"(?P<name>[^\"\n]+)\"[^\n]*"
    r"(?:\n(?:version[ \t]*=[ \t]*\"(?P<version>[^\"\n]*)\")?)?",
    re.MULTILINE,
)
_JSON = re.compile(
    r"^ {8}\"(?P<name>[\w.-]+)\":[ \t]*\{(?:[^{}]|\{[^{}]*\})*?\"(?:version|ref)\":[ \t]*\"={0,3}(?P<version>[^\"]*)\"",
    re.MULTILINE,
)
_YAML = re.compile(
    r"^[ \t]*-?[ \t]*name:[ \t]*(?P<name>[\w.-]+)[ \t]*\r?\n[ \t]*version:[ \t]*['\"]?(?P<version>[^\s'\"]+)",
    re.MULTILINE,
)
_PIXI = re.compile(r"/(?P<name>[\w.-]+?)-(?P<version>\d[\w.!+]*)-[^/\s]+\.(?:conda|tar\.bz2|whl)\s*$", re.MULTILINE)
_FORMS = (
    ("pipfile.lock", _JSON),
    ("pixi.lock", _PIXI),
    (".lock", _TOML),
    (".toml", _TOML),
    (".yml", _YAML),
    (".yaml", _YAML),
)


def read_lock(name: str, text: str) -> Asked:
    """The packages of a lock file. One that holds none that can be told is open: it may hold any."""
    asked = Asked()
    form = next((form for ending, form in _FORMS if name.lower().endswith(ending)), None)
    for match in form.finditer(text) if form else ():
        specifier = f"=={match['version'] or ''}"
        asked.requirements.append(Requirement(match["name"], specifier, True, *match.span("name")))
    asked.open = not asked.requirements
    return asked
