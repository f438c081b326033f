"""Installed packages and what they are imported as: `rules/packages.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import tomli

_JOINERS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Packages:
    """Which import roots handle data or models, and how packages are called where they are installed.

    `names` are the normal names that provide an import root, `roots` the inverse, `shown` the usual
    name of a root, `brings` the import roots that a package installs with it, `images` the container
    images that hold none of them, `hosted` the import roots that a platform brings where it runs their code."""

    ml: frozenset[str] = frozenset()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    brings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    images: frozenset[str] = frozenset()
    hosted: frozenset[str] = frozenset()

    def names_of(self, root: str) -> tuple[str, ...]:
        """The normal names of packages that provide an import root."""
        return self.names.get(root, (normal(root),))

    def roots_of(self, name: str) -> tuple[str, ...]:
        """The import roots that a package provides, as far as known: its own name, and those of the table."""
        plain = normal(name)
        return tuple(dict.fromkeys((*self.roots.get(plain, ()), plain.replace("-", "_"))))


def normal(name: str) -> str:
    """The name of a package as indexes compare it."""
    return _JOINERS.sub("-", name).lower()


def load() -> Packages:
    """The shipped table."""
    return parse(files("mldebt.rules").joinpath("packages.toml").read_bytes())


def parse(content: bytes) -> Packages:
    """The table of a TOML document. Raises ValueError when it is none."""
    document = tomli.loads(content.decode())
    listed: dict[str, list[str]] = document.get("names", {})
    names = {root: tuple(dict.fromkeys(map(normal, (*said, root)))) for root, said in listed.items()}
    brings = {normal(name): frozenset(roots) for name, roots in document.get("brings", {}).items()}
    shown = {root: said[0] for root, said in listed.items()}
    ml, images = frozenset(document.get("ml", ())), frozenset(document.get("plain_images", ()))
    hosted = frozenset(document.get("hosted", ()))
    return Packages(ml, names, _inverse(names.items()), shown, brings, images, hosted)


def _inverse(names: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for root, said in names:
        for name in said:
            found.setdefault(name, []).append(root)
    return {name: tuple(roots) for name, roots in found.items()}
