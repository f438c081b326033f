"""Values as TOML writes them."""

from __future__ import annotations

import json
import math
from typing import Any

from mldebt.render.safe import without_surrogates


def value(of: Any) -> str:
    """One value on one line: text escaped, tables inline, dates as they are."""
    if isinstance(of, str):
        # A basic string of TOML: JSON writes a subset of them, but for a delete sign.
        return json.dumps(without_surrogates(of)).replace("\x7f", "\\u007f")
    if isinstance(of, bool):
        return "true" if of else "false"
    if isinstance(of, float) and not math.isfinite(of):
        return str(of)
    if isinstance(of, (list, tuple)):
        return f"[{', '.join(map(value, of))}]"
    if isinstance(of, dict):
        return f"{{{', '.join(f'{key(name)} = {value(one)}' for name, one in of.items())}}}"
    return str(of)


def key(name: str) -> str:
    """A key, quoted where it has to be."""
    is_bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if is_bare else value(name)
