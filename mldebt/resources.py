"""Resources that run code or lead requests to it, and accounts of images: `rules/resources.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli


@dataclass(frozen=True, slots=True)
class Resources:
    """By type of resource: the attribute that names what a function runs, and the one that is the path of a route; and
    the types that lead from one to the other. `accounts` are those under which services of images run."""

    functions: Mapping[str, str]
    routes: Mapping[str, str]
    integrations: tuple[str, ...]
    accounts: frozenset[str]


@cache
def load() -> Resources:
    """The shipped table."""
    said = tomli.loads(files("mldebt.rules").joinpath("resources.toml").read_text("utf-8"))
    return Resources(
        functions={one["resource"]: one["handler"] for one in said["function"]},
        routes={one["resource"]: one["path"] for one in said["route"]},
        integrations=tuple(one["resource"] for one in said["integration"]),
        accounts=frozenset(one["name"] for one in said["account"]),
    )
