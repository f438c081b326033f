"""Contracts as the TOML of a configuration, for people to correct."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mldebt.contracts import Contract
from mldebt.render.options import Options
from mldebt.render.safe import finish, visible, without_surrogates


def render(drafted: Mapping[str, tuple[Contract, ...]], options: Options) -> str:
    """The contracts of each repository, for its pyproject.toml. Text is escaped as TOML asks."""
    return finish("\n".join(_lines(drafted)), options.ascii, options.in_actions)


def _lines(drafted: Mapping[str, tuple[Contract, ...]]) -> Iterator[str]:
    if not drafted:
        yield "# Every use of what another component writes is declared, or there is none."
    for home, contracts in drafted.items():
        if home:
            yield f"# For the configuration of {visible(home)}:"
        for contract in contracts:
            yield f"[tool.mldebt.contracts.{_text(contract.name)}]" if not _is_bare(contract.name) else (
                f"[tool.mldebt.contracts.{contract.name}]"
            )
            yield f"artifact = {_text(contract.artifacts[0])}"
            yield f"owner = {_text(contract.owner)}"
            yield f"consumers = [{', '.join(map(_text, contract.consumers))}]"
            yield f"reason = {_text(contract.reason)}"
            yield ""


def _is_bare(name: str) -> bool:
    return name.replace("-", "").isalnum() and name.isascii()


def _text(text: str) -> str:
    """A basic string of TOML: JSON writes a subset of them, but for a delete sign."""
    return json.dumps(without_surrogates(text)).replace("\x7f", "\\u007f")
