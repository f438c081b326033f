"""Who owns a file, as a `CODEOWNERS` file says by GitHub's rules.

Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mldebt.gather.opened import Refused, read_bytes
from mldebt.source import Problem, Span

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie; the first that is there holds, and the others are not looked at."""
LARGEST = 3 * 1024 * 1024
MOST_RULES = 20_000
_BREAK = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+")
_SIGNS = re.compile(r"\\(.)|(\[)")
_GAP = re.compile("")  # stands for `**`


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line: the segments of its pattern, and whether it owns also what lies below a match. No owners is an answer
    too: nobody."""

    segments: tuple[re.Pattern[str], ...]
    below: bool
    owners: tuple[str, ...]

    def matches(self, path: str) -> bool:
        """Whether a path, POSIX and relative to the top of the repository, is meant."""
        parts = path.split("/")
        ends = {0}  # how many parts may be used up so far
        for place, segment in enumerate(self.segments):
            if segment is _GAP:
                least = min(ends) + (place == len(self.segments) - 1)
                ends = set(range(least, len(parts) + 1))
            else:
                ends = {end + 1 for end in ends if end < len(parts) and segment.fullmatch(parts[end])}
            if not ends:
                return False
        return self.below or len(parts) in ends


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """The text of the file that speaks of a scanned folder, and where that folder lies in its repository: empty for the
    top, else it ends with `/`."""

    text: str
    ahead: str = ""


class Owners:
    """Answers who owns a path; `files` are given by the names that paths in their repositories begin with."""

    def __init__(self, files: Mapping[str, OwnersFile]) -> None:
        self._rules = {name: (file.ahead, parse(file.text, "")[0]) for name, file in sorted(files.items())}
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """The owners by the last line that speaks of the path; empty where nobody owns it."""
        if path not in self._known:
            name = next((name for name in self._rules if name and path.startswith(f"{name}/")), "")
            ahead, rules = self._rules.get(name, ("", ()))
            self._known[path] = owners_of(rules, ahead + (path.removeprefix(f"{name}/") if name else path))
        return self._known[path]


def owners_of(rules: tuple[OwnerRule, ...], path: str) -> tuple[str, ...]:
    """The owners of a path: the last rule that matches decides."""
    return next((rule.owners for rule in reversed(rules) if rule.matches(path)), ())


def read_owners(root: Path) -> tuple[OwnersFile | None, tuple[Problem, ...]]:
    """The file that speaks of what lies below `root`, if one does, and what is wrong with it; of one that lies above
    `root` nothing is told."""
    folder = root.resolve()
    top = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    ahead = "" if top == folder else f"{folder.relative_to(top).as_posix()}/"
    for place in PLACES:
        try:
            text = read_bytes(top / place, LARGEST).decode("utf-8", "replace").removeprefix("\ufeff")
        except FileNotFoundError:
            continue
        except Refused as refused:
            told = Problem(Span(place, 1, file_line=1), refused.code, refused.text, refused.cure)
            return None, () if ahead else (told,)
        return OwnersFile(text, ahead), () if ahead else parse(text, place)[1]
    return None, ()


def parse(text: str, path: str) -> tuple[tuple[OwnerRule, ...], tuple[Problem, ...]]:
    """The rules of a file in its order, and the lines of it that GitHub skips. `path` is told in problems."""
    rules: list[OwnerRule] = []
    problems: list[Problem] = []
    for number, line in enumerate(_BREAK.split(text), 1):
        words = _words(line)
        if not words:
            continue
        pattern, *owners = words
        reason = _fault(pattern, owners) if len(rules) < MOST_RULES else "it is one of too many"
        if reason:
            said = f"this line is skipped, as GitHub skips it: {reason}"
            problems.append(Problem(Span(path, number, file_line=number), "line-syntax", said, "mend or remove it"))
        else:
            rules.append(OwnerRule(*_compiled(pattern), tuple(dict.fromkeys(owners))))
    return tuple(rules), tuple(problems)


def _words(line: str) -> list[str]:
    """The pattern and the owners; nothing behind a word that begins with `#`."""
    words = _WORD.findall(line)
    comment = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]


def _fault(pattern: str, owners: list[str]) -> str:
    """Why GitHub does not take a line; empty if it does."""
    if pattern.startswith(("!", "\\#")):
        return "a pattern cannot begin with ! or an escaped #"
    if "[" in pattern or "]" in pattern:
        return "a pattern cannot hold [ or ]"
    if "***" in pattern:
        return "three stars mean nothing"
    strange = next((owner for owner in owners if not _OWNER.fullmatch(owner)), "")
    return f"{strange!r} is no @user, @organisation/team or address" if strange else ""


def _compiled(pattern: str) -> tuple[tuple[re.Pattern[str], ...], bool]:
    """The segments of a pattern, and whether what lies below a match is meant too.

    One segment without a slash before it is looked for in every folder. `folder/*` means the files in the folder
    alone, unlike in a `.gitignore`.
    """
    if not pattern.strip("/"):
        return (), False
    head, *rest = pattern.split("/")
    if head == "":
        names = rest
    else:
        names = [head, *rest] if any(rest) else ["**", head, *rest]
    if names[-1] == "":
        names[-1] = "**"  # a folder, with all that is in it
    return tuple(map(_segment, names)), names[-1] not in ("*", "**")


def _segment(name: str) -> re.Pattern[str]:
    """`*` and `?` have their meaning, behind a backslash every sign is itself."""
    if name == "**":
        return _GAP
    plain = _SIGNS.sub(lambda match: _itself(match[1] or match[2]), name)
    return re.compile(fnmatch.translate(plain))


def _itself(sign: str) -> str:
    return f"[{sign}]" if sign in "*?[" else sign
