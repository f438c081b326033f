"""Which environment a file is for, as its path tells: staging, production, a developer's machine."""

from __future__ import annotations

import posixpath
import re
from types import MappingProxyType

_WORDS = MappingProxyType({
    "dev": "dev", "devel": "dev", "develop": "dev", "development": "dev", "local": "local", "test": "test",
    "testing": "test", "ci": "ci", "qa": "qa", "uat": "uat", "stg": "staging", "stage": "staging", "staging": "staging",
    "preprod": "preprod", "sandbox": "sandbox", "prd": "prod", "prod": "prod", "production": "prod",
    "live": "prod",
})  # fmt: skip
_EXAMPLE = re.compile(r"(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|default)s?(?:[._-]|$)", re.IGNORECASE)
_SHOWN = re.compile(r"(?:^|[._-])(?:example|sample|template)s?(?:[._-]|$)", re.IGNORECASE)


def of_environment(path: str) -> str:
    """The environment that a file's name or its folder names; empty for none."""
    folder, name = posixpath.split(path.lower())
    beside = posixpath.basename(folder)
    for word in (*reversed(re.split(r"[._-]", name)), beside, re.split(r"[._-]", beside)[-1]):
        if word in _WORDS:
            return _WORDS[word]
    return ""


def copied_to(path: str) -> str:
    """The path of the file that a template is copied to: `.env` of `.env.example`; that of any other, as it is."""
    folder, _, name = path.rpartition("/")
    plain = _EXAMPLE.sub(lambda said: "." if said[0].startswith(".") and said[0].endswith(".") else "", name)
    plain = f".{plain}" if plain == "env" else plain
    return f"{folder}/{plain}" if folder else plain


def named(word: str) -> str:
    """The environment that a word of a person means."""
    return _WORDS.get(word.lower(), word.lower())


def is_environment(word: str) -> bool:
    """Whether a word names an environment by itself."""
    return word.lower() in _WORDS


def is_template(path: str) -> bool:
    """Whether a file is there to be copied: `.env.example`, or one in a folder of samples."""
    *folders, name = path.split("/")
    return _EXAMPLE.search(name) is not None or any(_SHOWN.search(folder) for folder in folders)
