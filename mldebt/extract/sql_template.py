"""SQL with holes to SQL without: templates of Jinja and of Python are rendered to names that stand for them.

Nothing is run. What a template prints becomes a name that only the template has; what it decides is taken as
decided for its first arm; what it repeats stands once. `Rendered.place` leads from the result back to the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from mldebt.facts import Trouble

MARK = "mldebt_hole"
MOST_HOLES = 5000
_MARK = re.compile(rf"{MARK}(\d+)_", re.IGNORECASE)
_OPENS = re.compile(r"\{[{%#]")
_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_TAG = re.compile(r"\s*(?P<word>\w+)(?P<rest>.*)", re.DOTALL)
_FRAMES = frozenset({"if", "for", "macro", "call", "snapshot", "test", "data_test", "docs", "filter", "raw",
                     "materialization", "block", "set"})  # fmt: skip
_DROPPED = frozenset({"macro", "call", "test", "data_test", "docs", "materialization", "set"})
_NAMED = re.compile(
    r"\b(?P<form>ref|source)\s*\(\s*(?P<q>['\"])(?P<first>[^'\"\n]*)(?P=q)"
    r"(?:\s*,\s*(?P<q2>['\"])(?P<second>[^'\"\n]*)(?P=q2))?[^()]{0,80}\)"
)
_CALL = re.compile(r"\s*(?P<name>[\w.]+)\s*(?:\((?P<given>.*)\))?\s*(?:\|.*)?", re.DOTALL)
_WORD = re.compile(r"['\"]([A-Za-z_]\w*)['\"]")
_TEXT = re.compile(r"\s*['\"]([^'\"\n]{1,80})['\"]")
_BLOCK = re.compile(r"^(?:config|js|pre_operations|post_operations)[ \t]*\{", re.MULTILINE)
_SILENT = frozenset({"config", "log", "print", "return", "do", "debug", "exceptions.warn"})
_ASKS = frozenset({"var", "env_var"})
_HOLE = re.compile(
    r"\$\{\s*(?P<shell>\w+)\s*\}|\$\{(?P<script>[^{}\n]{1,200})\}|%\((?P<percent>\w+)\)s|(?P<plain>%s)|:(?P<q>['\"])(?P<client>\w+)(?P=q)"
    r"|\{(?P<brace>[A-Za-z_][\w.]*)(?:\[[^\]{}\n]*\])?(?:![rsa])?(?::[^{}\n]*)?\}|(?P<empty>\{\})"
)


@dataclass(frozen=True, slots=True)
class Hole:
    """What a mark stands for: `form` is hole, ref, source or this; `name` as it is told."""

    form: str
    name: str
    start: int
    end: int


@dataclass(slots=True)
class Rendered:
    """The text that is left, its holes by number, and what a template names without printing it (`told`).
    `decides`: the template decides or repeats parts, so that a part may be missing here."""

    text: str = ""
    holes: list[Hole] = field(default_factory=list)
    told: list[Hole] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)  # in the text, in the file, length there
    snapshot: str = ""
    decides: bool = False

    def place(self, offset: int) -> int:
        """Where an offset of the text stands in the file."""
        index = bisect_right(self.pieces, (offset, 1 << 60, 0)) - 1
        if index < 0:
            return offset
        here, there, length = self.pieces[index]
        return there + min(offset - here, length)

    def spelled(self, said: str) -> str:
        """A text with its marks turned into holes with names."""
        return _MARK.sub(lambda match: f"{{{self._hole(match).name}}}", said)

    def whole(self, said: str) -> Hole | None:
        """The hole that a name is, if it is nothing else."""
        match = _MARK.fullmatch(said)
        return self._hole(match) if match else None

    def _hole(self, match: re.Match[str]) -> Hole:
        number = int(match[1])
        return self.holes[number] if number < len(self.holes) else Hole("hole", "", 0, 0)


def has_holes(said: str) -> bool:
    """Whether a rendered text holds a mark."""
    return _MARK.search(said) is not None


def render(source: str) -> Rendered:
    """A text of SQL rendered: `troubles` name what does not close."""
    renderer = _Renderer(_without_blocks(source))
    renderer.run()
    return renderer.finished()


def _without_blocks(source: str) -> str:
    """The text with blanks where a block of another language stands beside the query, as `config { ... }`."""
    at = 0
    while match := _BLOCK.search(source, at):
        depth, at = 1, match.end()
        while depth and at < len(source):
            depth += (source[at] == "{") - (source[at] == "}")
            at += 1
        source = source[: match.start()] + re.sub(r"[^\n]", " ", source[match.start() : at]) + source[at:]
    return source


class _Renderer:
    """Walks over the pieces of a template once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._made = Rendered()
        self._out: list[str] = []
        self._length = 0
        self._frames: list[tuple[str, bool, bool, int]] = []  # word, shown, a former arm was taken, place

    def run(self) -> None:
        at = 0
        while match := _OPENS.search(self._source, at):
            opens = match[0]
            raw = self._frames and self._frames[-1][0] == "raw"
            end = self._source.find(_CLOSES[opens], match.end())
            if end < 0:
                self._trouble(match.start(), f"the template's {opens} is not closed")
                self._plain(at, match.start())
                at = len(self._source)
                break
            inner = self._source[match.end() : end].strip("-+")
            self._plain(at, match.start())
            at = end + 2
            if opens == "{%":
                self._tag(inner, match.start(), at)
            elif opens == "{{" and not raw:
                self._print(inner, match.start(), at)
        self._plain(at, len(self._source))
        for word, _, _, place in self._frames[:1]:
            self._trouble(place, f"the template's {word} is not ended")

    def finished(self) -> Rendered:
        self._made.text = "".join(self._out)
        return self._made

    def _trouble(self, start: int, text: str) -> None:
        self._made.troubles.append(Trouble(start, "statement", text, "close it"))

    @property
    def _shown(self) -> bool:
        return all(frame[1] for frame in self._frames)

    def _plain(self, start: int, end: int) -> None:
        """Text between tags, with the holes that Python, a shell or a client fills."""
        if not self._shown:
            self._emit("\n" * self._source.count("\n", start, end), start, end)
            return
        at = start
        for match in _HOLE.finditer(self._source, start, end):
            name = next((match[group] for group in ("shell", "percent", "client", "brace") if match[group]), "")
            self._emit(self._source[at : match.start()], at, match.start())
            hole = Hole("hole", name, match.start(), match.end())
            hole = _scripted(match["script"].strip(), hole) if match["script"] else hole
            self._emit(self._mark(hole), match.start(), match.end())
            at = match.end()
        self._emit(self._source[at:end], at, end)

    def _emit(self, text: str, start: int, end: int) -> None:
        if text:
            self._made.pieces.append((self._length, start, end - start))
            self._out.append(text)
            self._length += len(text)

    def _mark(self, hole: Hole) -> str:
        if len(self._made.holes) >= MOST_HOLES:
            return f"{MARK}{MOST_HOLES}_"
        self._made.holes.append(hole)
        return f"{MARK}{len(self._made.holes) - 1}_"

    def _print(self, inner: str, start: int, end: int) -> None:
        """`{{ ... }}`: a name that stands for what it prints; a call keeps the columns it is given."""
        named = list(_NAMED.finditer(inner))
        whole = _NAMED.fullmatch(inner.strip())
        if whole is not None:
            if self._shown:
                self._emit(self._mark(_named(whole, start, end)), start, end)
            else:
                self._tell(inner, start, end)
            return
        self._tell(inner, start, end)
        call = _CALL.fullmatch(inner)
        name = call["name"] if call else re.split(r"[|(\s]", inner.strip(), maxsplit=1)[0]
        if name in _SILENT:
            return
        asked = _TEXT.match(call["given"]) if call and call["given"] and name in _ASKS else None
        form = "this" if name == "this" else "hole"
        mark = self._mark(Hole(form, asked[1] if asked else name[:80], start, end))
        words = _WORD.findall(call["given"]) if call and call["given"] and not asked and not named else []
        if self._shown:
            self._emit(f"{mark}({', '.join(words[:20])})" if words else mark, start, end)

    def _tell(self, inner: str, start: int, end: int) -> None:
        self._made.told += [_named(match, start, end) for match in _NAMED.finditer(inner)]

    def _tag(self, inner: str, start: int, end: int) -> None:
        """`{% ... %}`: opens a frame, changes its arm, or ends it."""
        match = _TAG.match(inner)
        word, rest = (match["word"], match["rest"]) if match else ("", "")
        self._tell(inner, start, end)
        if word.startswith("end"):
            if self._frames and self._frames[-1][0] == word[3:]:
                self._frames.pop()
        elif word in ("else", "elif") and self._frames and self._frames[-1][0] in ("if", "for"):
            name, shown, taken, place = self._frames[-1]
            shown = not taken and not shown and name == "if"
            self._frames[-1] = (name, shown, taken or shown, place)
        elif word in _FRAMES and not (word == "set" and "=" in rest):
            self._made.decides = True
            shown = word not in _DROPPED and not (word == "if" and "not loop" in rest)
            self._frames.append((word, shown, shown, start))
            if word == "snapshot":
                self._made.snapshot = rest.strip()


def _scripted(said: str, hole: Hole) -> Hole:
    """What `${...}` stands for: `ref("model")`, `self()`, or nobody knows."""
    match = _NAMED.fullmatch(said)
    if match is not None:
        return _named(match, hole.start, hole.end)
    return Hole("this", "this", hole.start, hole.end) if said == "self()" else hole


def _named(match: re.Match[str], start: int, end: int) -> Hole:
    """`ref('model')`, `ref('package', 'model')`, `source('schema', 'table')`."""
    first, second = match["first"], match["second"]
    if match["form"] == "ref":
        return Hole("ref", second or first, start, end)
    return Hole("source", f"{first}.{second}" if second else first, start, end)
