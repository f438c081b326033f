"""The words of files that can run or name code: makefiles, shell, containers, settings, documents, pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from mldebt import languages
from mldebt.extract.masking import masked_text
from mldebt.gather.kept import Kept
from mldebt.gather.opened import Refused, read_bytes
from mldebt.wildcards import fits

LIMIT = 256 * 1024
DOCUMENTS = (".md", ".rst", ".txt", ".adoc")
_NAMES = (
    "makefile", "gnumakefile", "*.mk", "justfile", "dockerfile", "dockerfile.*", "dockerfile-*", "*.dockerfile",
    "procfile", "jenkinsfile", "mlproject", "snakefile", "*.smk", "dvc.lock", "package.json", "pipfile",
    "*.sh", "*.bash", "*.zsh", "*.bat", "*.cmd", "*.ps1", "*.yml", "*.yaml", "*.toml", "*.cfg", "*.ini", "*.tf",
    "*.hcl", "*.j2", "*.service",
    "*.sbatch", "*.slurm", "*.pbs", "*.conf", "*crontab*", "*.cron", "*.timer", *(f"*{suffix}" for suffix in DOCUMENTS),
)  # fmt: skip
_BUILDS = ".s2i"
"""The folder in which a build of images from sources finds its variables and scripts: they name what is run."""
_PAGES, _OF_PAGES = "templates", (".html", ".htm", ".xml", ".txt", ".jinja", ".jinja2")
_OURS, _SHELL = "Python", "shell"
_CODE = (".py",)
_QUERIES = (".sql", ".sqlx")
_WORD = re.compile(r"[\w./:-]{3,200}")
_VARIABLE = re.compile(r"\b(?:[A-Z][A-Z0-9_]{2,}\b|env\.\w)")


def mentions(
    root: Path, paths: Iterable[str], lost: Collection[str] = (), kept: Kept | None = None
) -> dict[str, tuple[str, ...]]:
    """Words by the file in which they stand, for the files among `paths` that can run or name code.

    Documents run nothing, but they tell people which scripts to run. Code that could not be read
    (`lost`) may use all that it names. Files larger than LIMIT say nothing. No secret that is recognised is among
    the words, which are sorted. `kept` are those of other times. Of code in other languages only those words count that
    name a file of ours, what is in it, or a variable of the environment.
    """
    found: dict[str, tuple[str, ...]] = {}
    paths = list(paths)
    ours = {PurePosixPath(path).stem for path in paths if path.endswith(_CODE)}
    for path in paths:
        foreign = _is_foreign(path)
        if path not in lost and not foreign and not _can_name_code(path):
            continue
        try:
            data = read_bytes(root / path, LIMIT)
        except (FileNotFoundError, Refused):
            continue  # whoever needs the file itself reports that
        words = kept.words(data) if kept else None
        if words is None:
            words = _words(data)
            if kept:
                kept.keep_words(data, words)
        said = tuple(word for word in words if _names_ours(word, ours)) if foreign else words
        if said or not foreign:
            found[path] = said
    return found


def _is_foreign(path: str) -> bool:
    return languages.load().of_file(path) not in ("", _OURS, _SHELL)


def _names_ours(word: str, ours: Collection[str]) -> bool:
    """Whether a word of another language means a file of ours, with its module something in it, or a variable."""
    module, dot, name = word.rpartition("/")[2].rpartition(".")
    inside = bool(dot and name.isidentifier() and module in ours)
    return inside or word.endswith((*_CODE, *_QUERIES)) or _VARIABLE.search(word) is not None


def _words(data: bytes) -> tuple[str, ...]:
    return tuple(sorted(set(_WORD.findall(_without_comments(masked_text(data.decode("utf-8", "replace")))))))


def _can_name_code(path: str) -> bool:
    *folders, name = path.split("/")
    name = name.lower()
    page = _PAGES in folders and name.endswith(_OF_PAGES)
    return page or _BUILDS in folders or any(fits(name, pattern) for pattern in _NAMES)


def _without_comments(text: str) -> str:
    """The text without lines that are comments: what only they name does not run."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#", "//")) or "#!" in line)
