"""What credentials look like, and what only looks like one: `rules/credentials.toml`."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli

STRONG, PLAIN, WEAK, HASHED, NONE = "strong", "plain", "weak", "hashed", ""
_LEAST_PASSWORD, _LEAST_RANDOM = 8, 16
_LEAST_BITS = 2.8
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SEGMENT = re.compile(r"[A-Za-z]+\d{0,5}[a-z]{0,2}|\d{1,6}|\d{1,3}[a-z]{4,}")
_SPOKEN = re.compile(r"(?:[A-Z]?[a-z]{2,}|[A-Z]{3,}){1,4}\d{0,6}")
_IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z]+){1,2}")  # `secretKey: database_url` says what one is kept as
_OBJECT = re.compile(r"(?:[a-z]{3,}-){3,}[a-z0-9-]+")  # an object that is called so, with a mark of its content
_JOINERS = re.compile(r"[-_. ]+")
_AFTER = "0123456789!.@#$*?"
_IN_FOURS = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")  # what a mail account gives to a program
_LEET = str.maketrans("0134$@5", "oleasas")
_CLASSES = tuple(re.compile(one) for one in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z0-9]"))


@dataclass(frozen=True, slots=True)
class Form:
    """Credentials that are known by their form. `prefixes` are texts of which each match holds one;
    `judged`: the value itself still has to look like a secret; `public`: it may be no secret; `weak`: it may be one
    that everybody tries."""

    name: str
    prefixes: tuple[str, ...]
    pattern: re.Pattern[str]
    judged: bool
    public: bool
    weak: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """The forms, what the names of secrets end in (`ends`: in which letters), and what tells values that are none.
    `sealed` are marks of a file whose values only their receiver can read, `hashed` what a password is compared
    with and cannot be read from. `admits` are variables whose value makes one the administrator of a program, `making`
    what stands in commands that make such an account."""

    forms: tuple[Form, ...]
    passwords: tuple[str, ...]
    randoms: tuple[str, ...]
    ends: tuple[str, ...]
    placeholder: re.Pattern[str]
    weak: re.Pattern[str]
    sealed: tuple[str, ...]
    hashed: re.Pattern[str]
    admits: frozenset[str]
    making: tuple[str, ...]

    def judged(self, value: str, ending: str, name: str = "") -> str:
        """How much a value looks like a secret: `STRONG`, `PLAIN` for words that only its owners would think of, `WEAK`
        for words that everybody tries, `HASHED` for what one is compared with, or not at all. `ending` is what `name`
        ends in."""
        plain = _decoded(value.strip())
        if self.hashed.match(plain):
            return HASHED
        if _IN_FOURS.fullmatch(plain):
            return STRONG
        if not plain or self.is_placeholder(plain) or any(sign.isspace() for sign in plain):
            return NONE
        if ending in self.passwords:
            return self._judged_password(plain, name)
        if self._is_random(plain):
            return STRONG
        # `secret: scoring-db` names the place where one lies, `secret_key: scoring-db` is one.
        spelled = _is_spelled(plain) and not _IDENTIFIER.fullmatch(plain)
        named = ending.endswith("key") and len(plain) >= _LEAST_PASSWORD and spelled
        return self._of_words(plain, name) if named else NONE

    def is_placeholder(self, value: str) -> bool:
        """Whether a value stands for another one."""
        return self.placeholder.search(value) is not None

    def _judged_password(self, value: str, name: str) -> str:
        if len(value) < 3 or (value.isalpha() and value.lower() in self.passwords):
            return NONE
        if self.weak.fullmatch(value.rstrip(_AFTER).lower().translate(_LEET)):
            return WEAK
        kinds = [one.search(value) is not None for one in _CLASSES]
        if _is_spelled(value) or sum(kinds) < 2 or not any(kinds[2:]):
            return self._of_words(value, name)
        return STRONG if len(value) >= _LEAST_PASSWORD and _bits(value) >= _LEAST_BITS else WEAK

    def _of_words(self, value: str, name: str) -> str:
        """Words that are neither those of databases and tutorials nor those of its name tell it from a default."""
        bare = value.rstrip(_AFTER)
        words = {word.lower() for word in _WORD.findall(bare.translate(_LEET) if bare.islower() else bare)}
        own = words - {word.lower() for word in _WORD.findall(name)}
        known = all(self.weak.fullmatch(word) for word in own)
        alone = value.isalpha()
        return WEAK if known or alone or len(value) < _LEAST_PASSWORD else PLAIN

    def _is_random(self, value: str) -> bool:
        if len(value) < _LEAST_RANDOM or _bits(value) < _LEAST_BITS or _is_spelled(value) or _OBJECT.fullmatch(value):
            return False
        return any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


@cache
def load() -> Credentials:
    """The shipped table."""
    return parse(files("mldebt.rules").joinpath("credentials.toml").read_bytes())


def parse(content: bytes) -> Credentials:
    """The table of a TOML document. Raises ValueError, KeyError or re.error when it is none."""
    document = tomli.loads(content.decode())
    forms = tuple(
        Form(
            one["name"], tuple(one["prefix"]), re.compile(one["pattern"]),
            one.get("judged", False), one.get("public", False), one.get("weak", False),
        )
        for one in document["form"]
    )  # fmt: skip
    names = document["names"]
    return Credentials(
        forms, tuple(names["password"]), tuple(names["random"]), tuple(names["ends"]),
        _one_of(document["placeholders"]["patterns"]), _words(document["weak"]["words"]),
        tuple(document["sealed"]["marks"]), _one_of(document["hashed"]["patterns"]),
        frozenset(document["admits"]["variables"]), tuple(document["admits"]["commands"]),
    )  # fmt: skip


def _one_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern of several; a flag of one of them holds for it alone, and it may refer to a group of its own."""
    whole = []
    for number, pattern in enumerate(patterns):
        flags, body = ("i", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
        body = body.replace("(.)", f"(?P<g{number}>.)").replace("\\1", f"(?P=g{number})")
        whole.append(f"(?{flags}:{body})")
    return re.compile("|".join(whole))


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """One or more of the words, without joiners."""
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(words)))})+")


def _is_spelled(value: str) -> bool:
    """Whether a value is words with joiners and short numbers: `my-api-token-2024`, `AdminPass2025!`."""
    parts = [part for part in _JOINERS.split(value.rstrip("!.@#$*?")) if part]
    if len(parts) > 1 and all(_SEGMENT.fullmatch(part) for part in parts):
        return True
    return len(parts) == 1 and _SPOKEN.fullmatch(parts[0]) is not None


def _decoded(value: str) -> str:
    """What a value in base64 says, as in manifests, where that is text."""
    if len(value) % 4 or len(value) < (8 if value.endswith("=") else 16):
        return value
    try:
        text = base64.b64decode(value, validate=True).decode("ascii")
    except ValueError:
        return value
    return text if text.isprintable() else value


def _bits(value: str) -> float:
    """Shannon's entropy of a value's characters, in bits for each."""
    counts, total = Counter(value), len(value)
    return -sum(count / total * math.log2(count / total) for count in counts.values())
