"""Files of variables and who loads them: a library that is asked to, a class whose options name one, a service.

A file that is there to be copied is loaded as the one that it is copied to."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from mldebt.link import texts
from mldebt.link.environment_fields import files_of_class
from mldebt.link.environment_names import copied_to
from mldebt.link.machine import Machine
from mldebt.link.values import Place, Value
from mldebt.link.variables import given_by_compose, is_env_file
from mldebt.source import folders_above


class VariableFiles:
    """Which files of variables are loaded, by their paths. `theirs` are those given to programs of unknown code."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        program = machine.program
        self._known = {path: path for path in (one.path for one in program.sources) if is_env_file(path)}
        self._known |= {path: copied_to(path) for path in self._known}
        found: dict[str, dict[Place, None]] = defaultdict(dict)
        self.theirs: set[str] = set()
        for path, place, own in given_by_compose(program):
            found[path][place] = None
            self.theirs |= set() if own else {path}
        for place, named in (*self._of_calls(), *self._of_classes()):
            if not machine.is_test(program.unit_at(place)):
                for path in self._meant(named, place):
                    found[path][place] = None
        for path, meant in self._known.items():
            found[path] |= found.get(meant, {})
        self.loaders = {path: tuple(sorted(places)) for path, places in sorted(found.items()) if places}

    def _of_calls(self) -> Iterator[tuple[Place, Value]]:
        """The files that calls load, those among them that only callers name."""
        loaded = self._machine.noted.loaded
        yield from loaded.items()
        for setting in self._machine.pool.settings():
            if setting.loaded in loaded and setting.file is not None and not setting.open:
                yield setting.loaded, setting.file

    def _of_classes(self) -> Iterator[tuple[Place, Value]]:
        """The files that options of classes name whose fields come from the environment."""
        machine = self._machine
        for unit in range(len(machine.program.units)):
            info = machine.info(unit)
            if info.kind == "class":
                place = (machine.program.file_of[unit], info.start, info.end)
                yield from ((place, value) for value in files_of_class(machine, unit))

    def _meant(self, named: Value, place: Place) -> Iterator[str]:
        """The files here that a path means: beside the code that loads it or above it, the nearest one."""
        folders = (*folders_above(self._machine.program.sources[place[0]].path), "")
        for spelled in self._machine.settings.spelled(named):
            if "{" in spelled or "://" in spelled or spelled.startswith(("/", texts.TEMPORARY, texts.HOME)):
                continue
            anchored = spelled.startswith(texts.HERE)
            plain = spelled.lstrip(texts.HERE).lstrip("/") if anchored else spelled
            places = [posixpath.normpath(posixpath.join(folder, plain)) for folder in (("",) if anchored else folders)]
            yield from next((own for where in places if (own := self._at(where))), ())

    def _at(self, where: str) -> tuple[str, ...]:
        """The file at a path, and those that are copied to it."""
        return tuple(path for path, meant in self._known.items() if where in (path, meant))
