"""What looks like a secret, replaced by `***` before it becomes a fact."""

from __future__ import annotations

import re

MASK = "***"

# `token` is also a word of language models: `tokenizer` is never a secret, a number under it is a size.
_SECRET = re.compile(r"passw(?:or)?d|secret|apikey|accesskey|privatekey|accountkey|credential", re.IGNORECASE)
_TOKEN = re.compile(r"token(?!i[sz])", re.IGNORECASE)
_JOINERS = re.compile(r"[\s_.-]+")
_PLACEHOLDER = re.compile(
    r"\*+|x+|\.+|<.*>|\[\w+\]|\$\{[\w.:]+\}|\$\(\w+\)|\$\w+|\$?\{\{.*\}\}|%\(\w+\)s|%\w+%"
    r"|none|null|todo|true|false|change_?me|your[-_ ].*",
    re.IGNORECASE | re.DOTALL,
)
_URL = re.compile(r"(://[^\s/:@]*:)([^\s/]+)@")
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:.*?-----END [A-Z ]{0,40}-----|.*)", re.DOTALL
)
_KNOWN = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_\w{30,}|github_pat_\w{30,}|hf_[A-Za-z0-9]{30,}|sk-[\w-]{30,}"
    r"|xox[abprs]-[\w-]{10,}|glpat-[\w-]{20}|AIza[\w-]{35})"
)
# A blank alone joins only an option and its value.
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])(--?)?([\w-]{0,60}?(?:passw|secret|key|credential|token)[\w-]{0,60})"
    r"([\"']?\s{0,4}[=:]\s{0,4}|(?(1)\s{1,4}|(?!)))(\"[^\"\n]*\"|'[^'\n]*'|[^\s;&,]+)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\d.]+")
_WITH_DEFAULT = re.compile(r"(\$\{\w+:?[-=?+])[^{}]*\}")
"""A variable that is asked for, with what stands in where it is not set."""


def masked_value(key: str, value: str, kind: str = "text") -> str:
    """`value` as it may be kept: `***` where `key` names a secret and the value is no placeholder."""
    if value and _names_secret(key, kind) and not _PLACEHOLDER.fullmatch(value.strip()):
        return _covered(value.strip())
    return masked_text(value)


def masked_text(text: str) -> str:
    """`text` without passwords in URLs, `password=...`, `--token ...`, private keys and known token forms."""
    text = _KEY_BLOCK.sub(MASK, text)
    text = _URL.sub(_masked_url, text)
    text = _KNOWN.sub(MASK, text)
    return _ASSIGNMENT.sub(_masked_assignment, text)


def _covered(value: str) -> str:
    """The mask; a variable that the value is asked of keeps its name."""
    asked = _WITH_DEFAULT.fullmatch(value)
    return f"{asked[1]}{MASK}}}" if asked else MASK


def _names_secret(key: str, kind: str) -> bool:
    plain = _JOINERS.sub("", key)
    return bool(_SECRET.search(plain) or (kind == "text" and _TOKEN.search(plain)))


def _masked_url(match: re.Match[str]) -> str:
    if _PLACEHOLDER.fullmatch(match.group(2)):
        return match.group()
    return f"{match.group(1)}{MASK}@"


def _masked_assignment(match: re.Match[str]) -> str:
    dashes, name, joint, value = match.groups()
    bare = value.strip("\"'")
    kind = "number" if _NUMBER.fullmatch(bare) else "text"
    expression = not dashes and " " in joint and bare == value and any(sign in value for sign in ".(")
    if expression or not _names_secret(name, kind) or not bare or _PLACEHOLDER.fullmatch(bare):
        return match.group()
    quote = value[0] if bare != value else ""
    return f"{dashes or ''}{name}{joint}{quote}{_covered(bare)}{quote}"
