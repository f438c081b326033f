"""The words of texts that run code or tell people of it, by what they can name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mldebt.link.machine import Machine
from mldebt.link.same_names import same_names
from mldebt.link.spoken import DOCUMENTS, ends_of, file_words

Mentions = Mapping[str, frozenset[str]]
_CODE = (".py", ".ipynb")
"""Of such files only those have words here that could not be read as code: they may import all that they name."""
_OF_PAGES = frozenset({"doc", "docs"})
_NONE: frozenset[str] = frozenset()


class Mentioned:
    """What the files of one linking that are no code, and commands in code, say in words."""

    def __init__(self, machine: Machine, mentions: Mentions) -> None:
        run = {path: words for path, words in mentions.items() if not path.endswith(DOCUMENTS)}
        run = {path: run.get(path, _NONE) | words for path, words in (*run.items(), *file_words(machine).items())}
        ends = {word: ends_of(word) for word in _NONE.union(*run.values(), *mentions.values())}
        shown = {path: _named(words, ends) for path, words in mentions.items()}
        ran = {path: shown[path] if words == mentions.get(path) else _named(words, ends) for path, words in run.items()}
        self.run, self.shown = same_names(machine.program, ran), same_names(machine.program, shown)
        self.words = _NONE.union(*run.values())
        self.lost = _NONE.union(*(words for path, words in mentions.items() if path.endswith(_CODE)))
        self.ends = _NONE.union(*ran.values())
        self.parts = _NONE.union(*(ends[word] for word in self.words if not word.strip("./:-").isidentifier()))
        self._pages = [(_home(path), named) for path, named in shown.items() if path.endswith(DOCUMENTS)]
        self.told = _NONE.union(*(ends for _, ends in self._pages))

    def shows(self, name: str, path: str) -> bool:
        """Whether a page for people beside a file, or above it, says a name: others plan or report."""
        return name in self.told and any(
            name in ends and (not folder or path.startswith(f"{folder}/")) for folder, ends in self._pages
        )


def _named(words: Iterable[str], ends: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """What words can name, each by its ends."""
    return _NONE.union(*(ends[word] for word in words))


def _home(page: str) -> str:
    """The folder that a page speaks of: that which holds the folder of pages it lies in, else its own."""
    folders = page.split("/")[:-1]
    apart = next((number for number, folder in enumerate(folders) if folder.lower() in _OF_PAGES), len(folders))
    return "/".join(folders[:apart])
