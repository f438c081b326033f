"""Putting the page together: template, style, script and data, of which only the style and the script may act."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources

SCRIPTS = ("drawing.js", "first.js", "findings.js", "sums.js", "explore.js", "start.js")
_HARMFUL = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def page(data: Mapping[str, object]) -> str:
    """The whole page. Data stand in it as text that is parsed, never as markup or code, whatever they hold: `</script>`
    cannot be written in them. The policy lets nothing run but this style and this script, and nothing be fetched."""
    style, script = _part("page.css"), _script()
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    parts = {"policy": policy, "style": style, "data": as_json(data), "script": script}
    first, *others = _part("page.html").split("@@")
    return first + "".join(parts[part] if place % 2 == 0 else part for place, part in enumerate(others))


def as_json(data: object) -> str:
    """JSON in ASCII that holds no sign which HTML could take for its own."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).translate(_HARMFUL)


def _script() -> str:
    """One script of all parts, which see each other and nobody else."""
    parts = "\n".join(_part(name) for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _digest(text: str) -> str:
    """What a policy names an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
