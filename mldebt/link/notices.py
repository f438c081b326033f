"""Code of others that says so in each of its files: the notice of another work, or of another holder of its rights."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mldebt.facts import Const, FileFacts, steps
from mldebt.source import Purpose, SourceFile, folders_above

File = tuple[SourceFile, FileFacts]
_PART = re.compile(r"\bthis (?:file|module|program|script) is (?:a )?part of (?:the )?([\w.-]*\w)", re.IGNORECASE)
_HOLDER = re.compile(r"\bcopyright\b[\s(c)©,]*\d{4}[\s\d,-]*(?:present)?\s*(?:by\s+)?([^\W\d][^\n.,]*)", re.IGNORECASE)
_RIGHTS = re.compile(r"copyright|licen[cs]e|rights reserved", re.IGNORECASE)
_LEAST = 3
_NEARLY_ALL, _MOST = 0.9, 0.5
_OF_A_WORK, _OF_A_HOLDER = "work", "holder"
_PROJECTS = frozenset({"pyproject.toml", "setup.cfg"})

Notice = tuple[str, str]
"""Of what a file is a part, or who holds its rights: which of the two, and the name in small letters."""
Borne = Mapping[str, frozenset[Notice]]


def folders_of_others(files: Sequence[File]) -> frozenset[str]:
    """The folders nearly all of whose files bear notices that no other file bears: that they are a part of a work
    which no project of the repository is called, or that somebody holds the rights who is not the one that most files
    of the repository name. Without a project, or one such holder, the notice may be the repository's own."""
    code = [(source, facts) for source, facts in files if facts.kind == "python" and source.size]
    borne = {source.path: notices for source, facts in code if (notices := frozenset(_notices(facts)))}
    if len(borne) < _LEAST:
        return frozenset()
    names = frozenset(_projects(files))
    written_here = [source.path for source, _ in code if source.purpose is Purpose.PRODUCTION]
    owner = _owner(written_here, borne)
    found: set[str] = set()
    for folder, marks in sorted(_marked(borne, [source.path for source, _ in code]), key=lambda one: len(one[0])):
        if found.intersection(folders_above(f"{folder}/")) or not _is_foreign(marks, owner, names):
            continue
        others = [path for path in written_here if not path.startswith(f"{folder}/")]
        if others and all(marks.isdisjoint(borne.get(path, ())) for path in others):
            found.add(folder)
    return frozenset(found)


def _owner(written_here: Sequence[str], borne: Borne) -> Notice | None:
    """The holder that most files name. It is one for the whole repository: asked for each folder of the files outside
    of it, two folders could each be taken for the other's."""
    told = Counter(notice for path in written_here for notice in borne.get(path, ()))
    counts = ((notice, count) for notice, count in told.items() if notice[0] == _OF_A_HOLDER)
    return next((notice for notice, count in counts if count > _MOST * len(written_here)), None)


def _marked(borne: Borne, code: Iterable[str]) -> Iterator[tuple[str, frozenset[Notice]]]:
    """The folders nearly all of whose files of code bear a notice, with all of which that is so."""
    counted: dict[str, int] = defaultdict(int)
    said: dict[str, Counter[Notice]] = defaultdict(Counter)
    for path in code:
        for folder in folders_above(path):
            counted[folder] += 1
            said[folder].update(borne.get(path, ()))
    for folder, notices in said.items():
        least = max(_LEAST, _NEARLY_ALL * counted[folder])
        if marks := frozenset(notice for notice, count in notices.items() if count >= least):
            yield folder, marks


def _is_foreign(marks: frozenset[Notice], owner: Notice | None, projects: frozenset[str]) -> bool:
    works = [name for kind, name in marks if kind == _OF_A_WORK]
    if works:
        return bool(projects) and projects.isdisjoint(works)
    return owner is not None and owner not in marks


def _notices(facts: FileFacts) -> Iterator[Notice]:
    """What the beginning of a file says of the work it is of, and of the holder of its rights. Without a word of rights
    a file is a part of whatever its own project has, as of a layer."""
    said = "\n".join(_head(facts))
    for kind, pattern in ((_OF_A_WORK, _PART), (_OF_A_HOLDER, _HOLDER)) if _RIGHTS.search(said) else ():
        if (match := pattern.search(said)) is not None:
            yield kind, match[1].strip().lower()


def _head(facts: FileFacts) -> Iterator[str]:
    """The first comments of a file: the text that documents a module tells what it is for, as in which layer."""
    near = facts.lines[min(_LEAST, len(facts.lines) - 1)]
    for comment in facts.comments:
        if not (comment.own and (comment.follows or comment.start <= near)):
            break
        yield comment.text.lstrip("# ")


def _projects(files: Iterable[File]) -> Iterator[str]:
    """What the projects of the repository may be called: the names in their files, any text of a script for that."""
    for source, facts in files:
        name = source.path.rpartition("/")[2]
        if name in _PROJECTS:
            yield from (str(one.value).lower() for one in facts.settings if one.key[-1:] == ("name",))
        elif name == "setup.py":
            texts = (one.value for unit in facts.units for one in steps(unit) if isinstance(one, Const))
            yield from (text.lower() for text in texts if isinstance(text, str))
