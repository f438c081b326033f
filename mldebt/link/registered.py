"""Addresses of registered models: a name with a version, a stage or an alias is another name for the model."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"model:models:/(?P<name>[^/@{}]+)(?:[/@].*)?")


def addresses(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of the keys of a registered model and of an address of one of its versions."""
    return [(f"model:{found['name']}", key) for key in sorted(keys) if (found := _ADDRESS.fullmatch(key))]


def name_of(key: str) -> str:
    """The name of the registered model that a key stands for, where all of it is known; nothing for other keys."""
    found = _ADDRESS.fullmatch(key)
    name = found["name"] if found else key.removeprefix("model:") if key.startswith("model:") else ""
    return "" if any(sign in name for sign in "{}:/") else name
