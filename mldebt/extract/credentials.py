"""The credentials in a text of any kind, and the text without them, in which everything keeps its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

import msgspec

from mldebt.credentials import NONE, STRONG, WEAK, Credentials, load
from mldebt.declarations import Credential

COVER = "\N{BULLET}"
"""Stands for each character of a secret: it means nothing in any language that is read here."""

LONGEST = 400
_MOST = 500
_URL = re.compile(r"://(?P<user>[^\s/:@\"'<>]{0,80}):(?P<value>[^\s/\"'<>]{1,200}?)@(?P<host>\[?[\w.${}<>-]+)")
_LOCAL = re.compile(
    r"^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1|host\.docker\.internal|[a-z][\w-]*|.*\.(?:local|svc|internal))$"
)
# What may stand between the end of a name and its value: a joint, the other half of a pair, and what wraps the value.
_JOINT = (
    r"(?P<close>\\?[\"'])?\]?(?:"
    r"[ \t]{0,20}(?::[ \t]*[A-Za-z_][\w.\[\] |]{0,30}=|==|:?=|:-|:|=>)[ \t]*"
    r"|\\?[\"']?,?\s{1,40}\\?[\"']?[vV]alue\\?[\"']?[ \t]*[:=][ \t]*"
    r"|(?P<blank>[ \t]{1,4})"
    r")"
)
_WRAPPED = r"(?:(?:\w+\.)?(?:SecretStr|Secret|Field)\([ \t]*(?:default[ \t]*=[ \t]*)?)?"
_QUOTED = r"[rbuRBU]{0,2}(?P<quote>\\?[\"'])(?P<quoted>[^\"'\n\\]{1,400}?)(?P=quote)"
_BARE = r"(?P<bare>[^\s\"',;(){}\[\]]{1,400})"
_VALUE = re.compile(f"{_JOINT}{_WRAPPED}(?:{_QUOTED}|{_BARE})")
_DEFAULT = re.compile(
    r"[\"'],\s{0,40}(?:(?:[\w=. \"'\[\]-]{0,80},\s{0,40}){0,4}?default[ \t]*=[ \t]*)?" + _QUOTED
)
_REFERENCE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+")  # `tls_key.main.pem`
_MEASURE = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")  # `"seconds_of_first_pass": 39.8`
_ASKS = re.compile(r"(?:env\w*|environ\.get|argument|option|setdefault)\(\s*(?:[\"'][\w-]*[\"'],\s*)?[\"'][\w-]*$")
_NONE = ("no-", "no_")
_COMMENT = re.compile(r"[ \t]*(?:#|//|;|--|REM\b)")
_OPTION = re.compile(r"(?:--[\w-]*|\b(?:ENV|ARG)[ \t]+\w*)$")
_ADDRESS = re.compile(
    r"(?<![\w:])(?:arn|projects|vault|ssm|secretsmanager|op|azurekeyvault):[^\s\"'`<>=,?;&{}$]*\Z"
)
_LONGEST_ADDRESS = 200
FALLBACK = "fallback"
IN_A_URL = "password in a URL"
_OR_ELSE = re.compile(r"\$\{\w+:?-[^${}]*\Z")  # `${NAME:-value}`: what counts where nobody says another one
_LONGEST_OR_ELSE = 200
_TAKES = re.compile(r"[ \t]*=[ \t]*(?P<name>[A-Za-z_]\w*)\s*[,)]")


def credentials(text: str, *, code: bool = False) -> tuple[Credential, ...]:
    """The credentials of a text, in order, none within another. `code`: it is Python, where a value
    that is no literal is no value."""
    table = load()
    found = [*_of_form(text, table), *_in_urls(text, table), *_named(text, table, code=code)]
    kept: list[Credential] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(kept[:_MOST])


def covered(text: str, found: Iterable[Credential]) -> str:
    """The text with each character of its credentials covered, but for line ends."""
    parts, position = [], 0
    for one in found:
        parts += [text[position : one.start], re.sub(r"[^\r\n]", COVER, text[one.start : one.end])]
        position = one.end
    return "".join((*parts, text[position:]))


def moved(found: Iterable[Credential], by: int) -> tuple[Credential, ...]:
    """The same credentials, further on in a text."""
    return tuple(msgspec.structs.replace(one, start=one.start + by, end=one.end + by) for one in found)


def _of_form(text: str, table: Credentials) -> Iterator[Credential]:
    for form in table.forms:
        if not any(prefix in text for prefix in form.prefixes):
            continue
        for match in form.pattern.finditer(text):
            group = "value" if "value" in form.pattern.groupindex and match["value"] is not None else 0
            value = match[group]
            strength = table.judged(value, table.passwords[0]) if form.judged else STRONG
            if form.weak and strength:
                yield _credential(form.name, "", strength, match, group)
            elif strength == STRONG and not table.is_placeholder(value):
                yield _credential(form.name, "", "strong" if form.public or form.judged else "known", match, group)


def _in_urls(text: str, table: Credentials) -> Iterator[Credential]:
    for match in _matches(_URL, text, "://") if "@" in text else ():
        strength = table.judged(match["value"], table.passwords[0])
        told = {match["user"].lower(), match["host"].lower()} & {"user", "username", "host", "hostname"}
        if strength and not told:
            same = match["value"].lower() == match["user"].lower()
            local = _LOCAL.match(match["host"].lower()) is not None or match["host"][0] in "${<"
            yield _credential(IN_A_URL, "", WEAK if same else strength, match, "value", local=local)


def _matches(pattern: re.Pattern[str], text: str, prefix: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins with a literal: finding that first is faster in long texts."""
    start = text.find(prefix)
    while start >= 0:
        if (match := pattern.match(text, start)) is not None:
            yield match
        start = text.find(prefix, start + len(prefix))


def _named(text: str, table: Credentials, *, code: bool) -> Iterator[Credential]:
    if any(mark in text for mark in table.sealed):
        return
    lower = text.lower()
    places = sorted({*_ends(lower if len(lower) == len(text) else text, table.ends)})
    named = [(end, name, ending) for end in places if (ending := _ending(name := _whole_name(text, end), table))]
    given = _given(text, named, table) if code else {}
    taken = [(end, _whole_name(text, end)) for end in sorted({*_ends(text, given)})]
    named += [(end, name, given[name]) for end, name in taken if name in given]
    for end, name, ending in named:
        match = None if _is_in_address(text, end) else _value(text, end, len(name), code=code)
        if match is not None:
            group = "quoted" if match["quoted"] else "bare"
            strength = NONE if _is_name(name, match[group]) else table.judged(match[group], ending, name)
            if strength and _COMMENT.match(text, text.rfind("\n", 0, end) + 1):
                strength = WEAK  # a comment shows what a value is like, or goes on with a sentence
            if strength:
                yield _credential("", name, strength, match, group)


def _given(text: str, named: Iterable[tuple[int, str, str]], table: Credentials) -> dict[str, str]:
    """The names that calls take for a secret, with the word for what they are taken for: `connect(password=door)`."""
    found: dict[str, str] = {}
    for end, _, ending in named:
        match = _TAKES.match(text, end)
        if match is not None and match["name"] != "None" and found.get(match["name"]) not in table.passwords:
            found[match["name"]] = ending
    return found


def _ends(text: str, words: Iterable[str]) -> Iterator[int]:
    """Where words end that are the end of a name."""
    for word in sorted(words):
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not (text[end : end + 1].isalnum() or text[end : end + 1] in ("_", "-")):
                yield end
            start = text.find(word, end)


def _value(text: str, end: int, length: int, *, code: bool) -> re.Match[str] | None:
    """What is given to the name that ends here: in code a literal, elsewhere what stands behind a joint."""
    before = text[max(end - length - 60, 0) : end]
    if text[end + 1 : end + 2] == "," and _ASKS.search(before):
        return _DEFAULT.match(text, end)
    match = _VALUE.match(text, end)
    if match is None:
        return None
    if match["bare"]:
        literal = code and not _is_command(text, end)
        other = match["bare"].startswith(("#", "//")) or text[match.end() : match.end() + 1] == "("
        if literal or other or _REFERENCE.fullmatch(match["bare"]) or _MEASURE.fullmatch(match["bare"]):
            return None  # a name, a comment, a call, what stands elsewhere, or what was measured
    return match if not match["blank"] or _OPTION.search(before) else None


def _is_command(text: str, end: int) -> bool:
    """Whether a line of a notebook is no Python: `%env NAME=value`, `!export NAME=value`."""
    return text[text.rfind("\n", 0, end) + 1 : end].lstrip()[:1] in ("%", "!")


def _whole_name(text: str, end: int) -> str:
    """The name that ends here."""
    start = end
    while start > 0 and end - start < 80 and (text[start - 1].isalnum() or text[start - 1] in "_-."):
        start -= 1
    # `checksum/token` is a note about one.
    name = text[start:end].lstrip("-.")
    # `--no-password` says that there is none.
    return name if text[start - 1 : start] != "/" and not name.startswith(_NONE) else ""


def _ending(name: str, table: Credentials) -> str:
    """The word for a secret that a name ends in, at a border of words; empty for another name."""
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
    while parts and parts[-1].isdigit():
        parts.pop()
    for count in (3, 2, 1):
        word = "".join(parts[-count:])
        if word in table.passwords or word in table.randoms:
            return word
    return ""


def _is_in_address(text: str, end: int) -> bool:
    """Whether what looks like a name is a part of the address of a value: `arn:aws:secretsmanager:...:secret:db`."""
    return _ADDRESS.search(text[max(end - _LONGEST_ADDRESS, 0) : end]) is not None


def _is_name(name: str, value: str) -> bool:
    """Whether a value only says what it stands for again: `"password": "db_password"`."""
    plain = [re.sub(r"[^a-z]", "", one.lower()) for one in (name, value)]
    return bool(plain[1]) and plain[1] in (plain[0], plain[0].rpartition(".")[2])


def _credential(
    form: str, name: str, strength: str, match: re.Match[str], group: int | str, *, local: bool = False
) -> Credential:
    digest = hashlib.blake2b(match[group].encode("utf-8", "replace"), digest_size=2).hexdigest()
    start, end = match.span(group)
    where = FALLBACK if _OR_ELSE.search(match.string, max(start - _LONGEST_OR_ELSE, 0), start) else ""
    return Credential(form, name[:80], strength, start, end, local, where, digest)
