"""The variables of a Terraform text: what it declares, gives and uses. Read as lines, not as a language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.declarations import Setting
from mldebt.extract.masking import masked_value

DEEPEST = 50
_PIECE = re.compile(
    r"(?P<given>(?<![\w.\-\"])(?P<key>[A-Za-z_][\w-]{0,100}|\"[\w.-]{1,100}\")[ \t]*[=:](?![=>])[ \t]*"
    r"(?P<value>\"(?:\\.|[^\"\\\n])*\"?|-?\d[\d.]{0,40}\b|true\b|false\b|null\b)?)"
    r"|(?P<block>\b(?P<word>[A-Za-z_]\w{0,100})(?P<labels>(?:[ \t]+\"[^\"\n]{0,200}\"){0,4})[ \t]*(?=\{))"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"?)|(?P<open>[{\[(])|(?P<close>[}\])])"
)
_USE = re.compile(r"\bvar\.(?P<name>[A-Za-z_][\w-]*)")
_LINE = re.compile(r"[^\n]*(?:\n|$)")
_DOCUMENT = re.compile(r"<<-?[ \t]*\"?(?P<end>\w+)\"?[ \t]*$")


def terraform_settings(text: str) -> Iterator[Setting]:
    """Blocks and their keys as in other settings; then each use of a variable, as a null under `var`."""
    stack: list[tuple[str, ...]] = []
    deeper = 0
    waiting: tuple[str, ...] = ()
    for match in _PIECE.finditer(_plain(text)):
        if match["open"] and len(stack) < DEEPEST:
            stack.append(waiting)
            waiting = ()
        elif match["open"] or (match["close"] and deeper):
            deeper += 1 if match["open"] else -1
        elif match["close"]:
            stack = stack[:-1]
        elif match["block"] or match["given"]:
            said = _block(match) if match["block"] else _given(match)
            waiting = said.key if said.kind == "map" else ()
            above = tuple(part for parts in stack for part in parts)
            value = said.value
            if value is not None and above[:1] == ("variable",):
                value = masked_value(above[-1], value, said.kind)  # its name is the secret's, not `default`
            yield Setting((*above, *said.key), value, said.kind, said.start, said.end)
    for use in _USE.finditer(text):
        yield Setting(("var", use["name"]), None, "null", use.start(), use.end())


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
        kept.append(line)
    return "".join(kept)
