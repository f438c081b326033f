"""Values of settings as checks and people may see them: plain texts, secrets covered."""

from __future__ import annotations

from mldebt.extract.masking import masked_value
from mldebt.link import texts
from mldebt.link.operators import constant
from mldebt.link.values import Value


def masked(name: str, value: Value | None) -> str | None:
    """The text of a default as it may be shown."""
    text = plain(value)
    return None if text is None else masked_value(name, text)


def plain(value: Value | None) -> str | None:
    """The text of a plain value; None for anything else."""
    try:
        found = None if value is None else constant(value)
    except LookupError:
        return None
    return None if found is None else str(found).lstrip(texts.HERE + texts.TEMPORARY)


def kind(value: Value) -> str:
    found = constant(value)
    return "bool" if isinstance(found, bool) else "number" if isinstance(found, (int, float)) else "text"
