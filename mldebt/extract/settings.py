"""A settings file as keys with values and places: YAML, TOML, JSON, INI, Terraform and `.env`, with secrets masked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mldebt.declarations import Setting
from mldebt.extract.json_values import Value, decoded, values
from mldebt.extract.line_settings import env_settings, ini_settings
from mldebt.extract.masking import masked_value
from mldebt.extract.repeated_keys import repeated_keys
from mldebt.extract.terraform_settings import terraform_expressions, terraform_settings
from mldebt.extract.toml_settings import toml_settings
from mldebt.extract.unreadable import Unreadable, is_template
from mldebt.extract.yaml_settings import yaml_settings
from mldebt.facts import LONGEST_TEXT, FileFacts, Trouble

LONGEST_FILE = 1024 * 1024
MOST_SETTINGS = 20_000
# Aliases repeat values and paths: what is kept of one file is bounded, too.
MOST_CHARACTERS = 4 * LONGEST_FILE

_WORKED_OUT = (".tf", ".tfvars")
_CURE = "exclude the file if it is data"
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)

Reader = Callable[[str], Iterator[Setting]]


def read_settings(name: str, text: str) -> FileFacts:
    """The settings of a file; the end of `name` chooses the format. Never raises.

    A text that is not wholly valid has no settings but a trouble; one that is too large has the
    first of them and a trouble.
    """
    text = _SURROGATE.sub("\ufffd", text)
    lines = (0, *(end.end() for end in _LINE_END.finditer(text)))
    skip = len(text) - len(text.lstrip("\ufeff"))
    found: list[Setting] = []
    troubles: tuple[Trouble, ...] = ()
    try:
        _refuse(text)
        for setting in _bounded(_reader(name)(text[skip:])):
            # One by one: what was read before an exception stays.
            found.append(_kept(setting, skip, len(text)))  # noqa: PERF401
    except Unreadable as error:
        start = min(error.start + skip, len(text))
        code = "template" if error.code in ("syntax", "truncated") and is_template(text) else error.code
        troubles = (Trouble(start, code, error.text, error.cure),)
        found = found if error.code == "too-large" else []
    worked_out = terraform_expressions(text) if name.lower().endswith(_WORKED_OUT) and not troubles and not skip else ()
    troubles = (*troubles, *repeated_keys(name, text, found))
    return FileFacts("settings", lines, settings=_masked_pairs(found), troubles=troubles, expressions=worked_out)


def json_settings(text: str) -> Iterator[Setting]:
    """The settings of a JSON text; one that holds a record in each line is data, and has none. Raises `Unreadable`."""
    for value in () if _holds_records(text) else values(text):
        if value.path:
            start, end = value.key or (value.start, value.end)
            yield Setting(value.path, _json_text(text, value), value.kind, start, end)


def _holds_records(text: str) -> bool:
    """Whether each of the first two lines is a whole map."""
    first, _, rest = text.partition("\n")
    second = rest.partition("\n")[0]
    if not (first.startswith("{") and second.startswith("{") and first.rstrip().endswith("}")):
        return False
    try:
        return all(isinstance(json.loads(line), dict) for line in (first, second))
    except (ValueError, RecursionError):
        return False


_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".yaml": yaml_settings,
        ".yml": yaml_settings,
        ".toml": toml_settings,
        ".json": json_settings,
        ".jsonc": json_settings,
        ".ini": ini_settings,
        ".cfg": ini_settings,
        ".env": env_settings,
        ".dvc": yaml_settings,
        ".lock": yaml_settings,
        "mlproject": yaml_settings,
        ".tf": terraform_settings,
        ".tfvars": terraform_settings,
    }
)


def _ending(name: str) -> str:
    last = name.lower().rpartition("/")[2]
    return last[max(last.rfind("."), 0) :]


def _reader(name: str) -> Reader:
    last = name.lower().rpartition("/")[2]
    reader = _READERS.get(_ending(last))
    if last.startswith(".env."):
        return env_settings
    if reader is None:
        raise Unreadable(0, "not-followed", "no settings format by its name")
    return reader


def is_yaml(name: str) -> bool:
    """Whether a file is YAML by its name."""
    return _READERS.get(_ending(name)) is yaml_settings


def _refuse(text: str) -> None:
    if len(text) > LONGEST_FILE:
        raise Unreadable(0, "too-large", f"more than {LONGEST_FILE} characters", _CURE)
    if conflict := _CONFLICT.search(text):
        raise Unreadable(conflict.start(), "syntax", "an unresolved merge conflict", "resolve the conflict")


def _json_text(text: str, value: Value) -> str | None:
    if value.kind in ("map", "list", "null"):
        return None
    literal = text[value.start : value.end]
    if value.kind != "text":
        return literal
    try:
        return decoded(literal)
    except ValueError:
        raise Unreadable(value.start, "syntax", "an escape that JSON does not know") from None


def _bounded(settings: Iterator[Setting]) -> Iterator[Setting]:
    """The first of them, up to the limits; then raises `Unreadable`."""
    left = MOST_CHARACTERS
    for number, setting in enumerate(settings):
        left -= sum(map(len, setting.key)) + len(setting.key) + len(setting.value or "")
        if number >= MOST_SETTINGS or left < 0:
            limit = f"{MOST_SETTINGS} settings" if left >= 0 else f"{MOST_CHARACTERS} characters of settings"
            raise Unreadable(setting.start, "too-large", f"more than {limit}", _CURE)
        yield setting


def _kept(setting: Setting, skip: int, length: int) -> Setting:
    """The setting as a fact: within the text, without secrets, surrogates and endless values."""
    key = tuple(_SURROGATE.sub("\ufffd", part) for part in setting.key)
    start = min(setting.start + skip, length)
    end = min(max(setting.end + skip, start), length)
    value = setting.value
    if value is not None:
        named = next((part for part in reversed(key) if not part.isdigit()), "")
        value = masked_value(named, _SURROGATE.sub("\ufffd", value), setting.kind)[:LONGEST_TEXT]
    return Setting(key, value, setting.kind, start, end)


def _masked_pairs(settings: list[Setting]) -> tuple[Setting, ...]:
    """The settings, with a `value` masked whose sibling `name` names a secret, as in container files."""
    names = {setting.key[:-1]: setting.value for setting in settings if setting.key[-1] in ("name", "key")}
    return tuple(_masked_pair(setting, names.get(setting.key[:-1])) for setting in settings)


def _masked_pair(setting: Setting, name: str | None) -> Setting:
    if not name or not setting.value or setting.key[-1] != "value":
        return setting
    value = masked_value(name, setting.value, setting.kind)
    return Setting(setting.key, value, setting.kind, setting.start, setting.end)
