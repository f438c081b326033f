"""Files of settings that no code, command or page names, beside others that are loaded."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from mldebt.graph.idle_settings import IdleSetting, IdleSettings
from mldebt.graph.settings import DefinedSetting
from mldebt.link.machine import Machine
from mldebt.source import Purpose, Span

_FORMATS = (".yaml", ".yml", ".json", ".toml", ".ini")
_CODE = frozenset({"config", "code", "app"})
_FEWEST, _PART = 3, 3
"""So many settings, and such a part of all, that are also in force elsewhere make a file speak of the same program."""


def idle_settings(
    machine: Machine, mentions: Mapping[str, frozenset[str]], defined: Iterable[DefinedSetting], run: Collection[str]
) -> tuple[IdleSettings, ...]:
    """The files of settings that nothing loads and nobody names, with what they have in common with those in force.
    `run` are files of which other programs than the code here know the names."""
    finder = _Finder(machine, mentions, tuple(defined))
    files = (number for number, one in enumerate(machine.program.sources) if one.path not in run)
    return tuple(one for file in files for one in finder.of_file(file))


class _Finder:
    """What is in force, and what is named where."""

    def __init__(
        self, machine: Machine, mentions: Mapping[str, frozenset[str]], defined: tuple[DefinedSetting, ...]
    ) -> None:
        self._machine = machine
        loaded = [one for one in defined if one.form in _CODE and (one.loaded_by or one.form != "config")]
        self._loaded = {one.file for one in loaded if one.form == "config"}
        self._in_force: dict[str, list[DefinedSetting]] = defaultdict(list)
        for one in loaded:
            if one.kind not in ("map", "list") and one.purpose is Purpose.PRODUCTION and not one.template:
                self._in_force[_plain(one.key[-1])].append(one)
        self._said = "\n".join(dict.fromkeys(self._texts(mentions)))  # most is said many times
        opened = (one for one in machine.pool.settings() if one.how == "config")
        self._known = all(machine.settings.is_known(one) for one in opened)

    def _texts(self, mentions: Mapping[str, frozenset[str]]) -> Iterator[str]:
        for text in self._machine.pool.texts():
            yield from (part for part in text.parts if isinstance(part, str))
        for facts in self._machine.program.facts:
            yield from (one.value for one in facts.settings if one.value)
            yield from (command.text for task in facts.tasks for command in task.commands)
        yield from (word for words in mentions.values() for word in words)

    def of_file(self, file: int) -> Iterator[IdleSettings]:
        program = self._machine.program
        source, facts = program.sources[file], program.facts[file]
        if not source.path.endswith(_FORMATS) or source.purpose is not Purpose.PRODUCTION or facts.tasks:
            return
        if facts.kind != "settings" or source.path in self._loaded or self._is_named(source.path):
            return
        found, entries = tuple(self._shared(file)), self._machine.settings.sheet(file).entries.values()
        if len(found) >= max(_FEWEST, sum(entry.text is not None for entry in entries) / _PART):
            at = Span(source.path, 1, 1, 1, 1, 0, 1)
            yield IdleSettings(source.path, at, len(facts.lines), found, self._known)

    def _is_named(self, path: str) -> bool:
        """Whether anything says the name of a file, or of the folder that holds it, where code goes through folders."""
        name, folder = posixpath.basename(path), posixpath.basename(posixpath.dirname(path))
        return name in self._said or (bool(folder and self._machine.noted.listed) and folder in self._said)

    def _shared(self, file: int) -> Iterator[IdleSetting]:
        told: set[str] = set()
        for entry in self._machine.settings.sheet(file).entries.values():
            name = _plain(entry.keys[-1])
            others = self._in_force.get(name, ())
            if others and entry.text is not None and name not in told and not name.isdigit():
                told.add(name)
                at = self._machine.program.span(entry.at)
                other = next((one for one in others if one.value == entry.text), others[0])
                yield IdleSetting(entry.keys[-1], at, entry.text, other.at, other.value)


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()
