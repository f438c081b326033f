"""The settings of a Terraform text: what it declares and gives, and of which names it works that out. Read as pieces,
not as a language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.declarations import Expression, Setting
from mldebt.extract.masking import masked_value

DEEPEST = 50
MOST_EXPRESSIONS = 5000
_PIECE = re.compile(
    r"(?P<given>(?<![\w.\-\"])(?P<key>[A-Za-z_][\w-]{0,100}|\"[\w.-]{1,100}\")[ \t]*[=:](?![=>])[ \t]*"
    r"(?P<value>\"(?:\\.|[^\"\\\n])*\"?|-?\d[\d.]{0,40}\b|true\b|false\b|null\b)?)"
    r"|(?P<block>\b(?P<word>[A-Za-z_]\w{0,100})(?P<labels>(?:[ \t]+\"[^\"\n]{0,200}\"){0,4})[ \t]*(?=\{))"
    r"|(?P<name>(?<![\w.\-\"$])[A-Za-z_][\w-]{0,100}(?:\.[A-Za-z_][\w-]{0,100}){1,8})"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"?)|(?P<open>[{\[(])|(?P<close>[}\])])"
)
_NAME = re.compile(r"(?<![\w.\-])[A-Za-z_][\w-]{0,100}(?:\.[A-Za-z_][\w-]{0,100}){1,8}")
_HOLE = re.compile(r"\$\{([^{}]*)\}")
_Levels = tuple[tuple[int, tuple[str, ...]], ...]
_USE = re.compile(r"\bvar\.(?P<name>[A-Za-z_][\w-]*)")
_LINE = re.compile(r"[^\n]*(?:\n|$)")
_DOCUMENT = re.compile(r"<<-?[ \t]*\"?(?P<end>\w+)\"?[ \t]*$")


def terraform_settings(text: str) -> Iterator[Setting]:
    """Blocks and their keys as in other settings; then each use of a variable, as a null under `var`."""
    for _, said, levels in _walked(text):
        if said is not None:
            above = _keys(levels)
            value = said.value
            if value is not None and above[:1] == ("variable",):
                value = masked_value(above[-1], value, said.kind)  # its name is the secret's, not `default`
            yield Setting((*above, *said.key), value, said.kind, said.start, said.end)
    for use in _USE.finditer(text):
        yield Setting(("var", use["name"]), None, "null", use.start(), use.end())


def terraform_expressions(text: str) -> tuple[Expression, ...]:
    """The keys whose values use other names, with those names. A name belongs to the key before it, of those that are
    open there the innermost."""
    owners: dict[int, Setting] = {}
    uses: dict[Setting, dict[str, None]] = {}
    for match, said, levels in _walked(text):
        if said is not None and match["given"]:
            owners[levels[-1][0] if levels else 0] = _under(said, levels)
        names = [match["name"]] if match["name"] else _interpolated(match["value"] or match["text"] or "")
        owner = next((owners[serial] for serial, _ in (*reversed(levels), (0, ())) if serial in owners), None)
        if owner is not None:
            uses.setdefault(owner, {}).update(dict.fromkeys(names))
    found = (Expression(one.key, tuple(names), one.start, one.end) for one, names in uses.items() if names)
    return tuple(found)[:MOST_EXPRESSIONS]


def _walked(text: str) -> Iterator[tuple[re.Match[str], Setting | None, _Levels]]:
    """The pieces of a text but for brackets, with the setting that a piece is, and the brackets around it, each with a
    number of its own and the keys it belongs to."""
    levels: list[tuple[int, tuple[str, ...]]] = []
    deeper = 0
    waiting: tuple[str, ...] = ()
    for serial, match in enumerate(_PIECE.finditer(_plain(text)), 1):
        if match["open"] and len(levels) < DEEPEST:
            levels.append((serial, waiting))
            waiting = ()
        elif match["open"] or (match["close"] and deeper):
            deeper += 1 if match["open"] else -1
        elif match["close"]:
            levels = levels[:-1]
        elif match["block"] or match["given"]:
            said = _block(match) if match["block"] else _given(match)
            waiting = said.key if said.kind == "map" else ()
            yield match, said, tuple(levels)
        else:
            yield match, None, tuple(levels)


def _keys(levels: _Levels) -> tuple[str, ...]:
    return tuple(part for _, parts in levels for part in parts)


def _under(said: Setting, levels: _Levels) -> Setting:
    return Setting((*_keys(levels), *said.key), said.value, said.kind, said.start, said.end)


def _interpolated(text: str) -> list[str]:
    """The names that a text in quotes puts in."""
    return [name[0] for hole in _HOLE.finditer(text) for name in _NAME.finditer(hole[1])]


def _block(match: re.Match[str]) -> Setting:
    labels = re.findall(r'"([^"\n]*)"', match["labels"])
    return Setting((match["word"], *labels), None, "map", match.start("word"), match.end("word"))


def _given(match: re.Match[str]) -> Setting:
    """A key with its value; an expression counts as a map: what follows may open one."""
    key, value = (match["key"].strip('"'),), match["value"]
    start, end = match.span("key")
    if value is None or value == "null":
        return Setting(key, None, "map" if value is None else "null", start, end)
    kind = "text" if value[0] == '"' else "bool" if value in ("true", "false") else "number"
    return Setting(key, value.strip('"') if kind == "text" else value, kind, start, end)


def _plain(text: str) -> str:
    """The text with comments and here-documents blanked, every place kept."""
    kept: list[str] = []
    until, comment = "", False
    for match in _LINE.finditer(text):
        line = match[0]
        if until or comment:
            until = "" if line.strip() == until else until
            comment = comment and "*/" not in line
            kept.append(" " * len(line))
            continue
        begins = line.lstrip()
        if begins.startswith(("#", "//", "/*")):
            comment = begins.startswith("/*") and "*/" not in begins
            kept.append(" " * len(line))
            continue
        document = _DOCUMENT.search(line.rstrip()[-200:])
        until = document["end"] if document else ""
        said = _said(line)
        kept.append(said + " " * (len(line) - len(said)))
    return "".join(kept)


def _said(line: str) -> str:
    """A line without the comment at its end."""
    quoted = False
    for place in range(len(line) if "#" in line or "//" in line else 0):
        quoted ^= line[place] == '"' and line[place - 1 : place] != "\\"
        if not quoted and line[place - 1 : place].isspace() and line.startswith(("#", "//"), place):
            return line[:place]
    return line
