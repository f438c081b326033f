"""The settings files of a repository: which file a loader reads, and what stands under its keys.

Settings are looked up when they are asked for: a path may hang on a setting, and a setting on the
path of its file. Two rounds of that are followed (DESIGN, section 4)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from itertools import islice, product

from mldebt.link import texts
from mldebt.link.environment_names import of_environment
from mldebt.link.interpolation import interpolated, references
from mldebt.link.program import Program
from mldebt.link.sheets import ANY, Entry, Keys, Layer, Parted, Sheet, entry_of, inside, scalar_of, under
from mldebt.link.slots import slot_values
from mldebt.link.values import Alt, Handle, Place, Result, Scalar, Sequence, Setting, Text, Value, literal
from mldebt.link.variables import plain_values
from mldebt.source import Kind, Purpose, folders_above

MOST_ROUNDS = 2
MOST_FILES = 8
MOST_FOUND = 8
MOST_LAYERS = 64
_HOLE = re.compile(r"\{[^{}]*\}")
COMPOSED = "defaults"
_OWN = "_self_"
ENDINGS = (".yaml", ".yml")


class SettingsFiles:
    """The settings files of a program. `environment` picks one of several, where names tell it."""

    def __init__(self, program: Program, environment: str = "") -> None:
        self.program = program
        self.environment = environment
        self.paths = {
            source.path: number
            for number, source in enumerate(program.sources)
            if source.kind is Kind.SETTINGS and program.facts[number].settings
        }
        self._named: dict[str, list[str]] = {}
        for path in self.paths:
            self._named.setdefault(posixpath.basename(path), []).append(path)
        self._sheets: dict[int, Sheet] = {}
        self._layers: dict[tuple[Value, Place], tuple[Layer, ...]] = {}
        self._found: dict[Setting, tuple[Entry, ...]] = {}
        self.opened: dict[Setting, None] = {}
        self.called: dict[Setting, None] = {}
        self.composed: dict[int, Place] = {}  # the files whose list of defaults was followed, and who loads them
        self.merged: set[Place] = set()  # loaders of what something unknown is put into
        self.parted: dict[Place, Parted] = {}  # loaders of files with a section for each environment
        self.made: frozenset[int] = frozenset()  # the files that code here writes, once that is known
        self.softly: set[Place] = set()  # keys that are asked for with a default, of what is not known yet
        self._rounds = 0
        self._variables: dict[str, dict[str, Place]] | None = None

    # --- what is loaded -------------------------------------------------------------------------------------

    def layers(self, file: Value, loaded: Place) -> tuple[Layer, ...]:
        """The files that a loader reads, the one in force first; empty where none of them is known."""
        key = file, loaded
        found = self._layers.get(key)
        if found is None:
            if self._rounds >= MOST_ROUNDS:
                return ()
            self._rounds += 1
            found = tuple(dict.fromkeys(self._read(file, loaded)))[:MOST_LAYERS]
            self._rounds -= 1
            self._layers[key] = found
        return found

    def is_named(self, file: Value) -> bool:
        """Whether a path is known to its last letter, so that no other file can be meant."""
        return all("{" not in spelled for spelled in self.spelled(file))

    def _read(self, file: Value, loaded: Place) -> Iterator[Layer]:
        for spelled in self.spelled(file):
            for path in self._matching(spelled, loaded):
                if loaded in self.parted:
                    yield from self._sections(self.paths[path], self.parted[loaded].sections)
                elif posixpath.splitext(spelled)[1] in posixpath.splitext(path)[1:]:
                    yield Layer(self.paths[path])
                else:
                    self.composed.setdefault(self.paths[path], loaded)
                    yield from self._composed(path)

    def _sections(self, file: int, in_force: Keys) -> Iterator[Layer]:
        """A file parted into environments: its sections in force first, the others behind them."""
        tops = {name.lower(): name for name in self.sheet(file).below.get((), ())}
        wanted = [self.environment, *in_force] if self.environment else in_force
        chosen = [tops[name] for name in wanted if name in tops]
        for name in (*chosen, *(name for name in tops.values() if chosen and name not in chosen)):
            yield Layer(file, chosen=name in chosen, within=(name,), loose=True)
        if not chosen:
            yield Layer(file, loose=True)

    def _composed(self, path: str) -> Iterator[Layer]:
        """A file that is named without its ending is put together: of itself and what its `defaults` name."""
        folder, sheet = posixpath.dirname(path), self.sheet(self.paths[path])
        named = [
            layer
            for line in sheet.below.get((COMPOSED,), ())
            for layer in self._listed(folder, sheet, (COMPOSED, line))
        ]
        yield from (*named, Layer(self.paths[path]))
        taken, groups = {layer.file for layer in named}, {layer.prefix for layer in named}
        for other, number in self.paths.items():
            above, _, _ = (other.removeprefix(f"{folder}/") if folder else other).rpartition("/")
            prefix = tuple(above.split("/"))
            if other.startswith(f"{folder}/" if folder else "") and prefix in groups and number not in taken:
                yield Layer(number, prefix, chosen=False)

    def _listed(self, folder: str, sheet: Sheet, keys: Keys) -> Iterator[Layer]:
        """One line of a defaults list: a file beside it, or one of a group."""
        own = sheet.entries[keys]
        ways = [(group, (*keys, group)) for group in sheet.below.get(keys, ())]
        pairs = [(group, sheet.entries[way].text) for group, way in ways]
        for group, name in pairs or [("", own.text)]:
            place, _, package = group.removeprefix("override ").removeprefix("optional ").strip().partition("@")
            for ending in ENDINGS if name and name != _OWN else ():
                found = self.paths.get(posixpath.normpath(posixpath.join(folder, place, f"{name}{ending}")))
                if found is not None:
                    prefix = re.split(r"[/.]", package or place)
                    yield Layer(found, tuple(part for part in prefix if part not in ("", "_global_")))

    def spelled(self, path: Value) -> tuple[str, ...]:
        """How a path may be written, with `{}` for what is not known of it."""
        if isinstance(path, Handle):
            return self.spelled(path.path)
        if isinstance(path, Alt):
            return tuple(dict.fromkeys(one for part in path.values for one in self.spelled(part)))[:MOST_FILES]
        if isinstance(path, Text):
            parts = [(part,) if isinstance(part, str) else self.spelled(part) for part in path.parts]
            return tuple("".join(chosen) for chosen in islice(product(*parts), MOST_FILES))
        if isinstance(path, Sequence) and path.items:
            later = reversed(path.items)  # what is read last holds
            return tuple(dict.fromkeys(one for part in later for one in self.spelled(part)))[:MOST_LAYERS]
        if isinstance(path, Setting):
            values = [literal(value) for value in self.values(path)]
            known = [value for value in values if value is not None]
            if not known and path.default is not None:
                return self.spelled(path.default)
            return tuple(known) or ("{}",)
        if isinstance(path, Result) and path.event.row is not None and path.event.row.target:
            targets = slot_values(path.event, path.event.row.target)
            return self.spelled(targets[0]) if targets else ("{}",)
        return ("{}",)

    def _matching(self, spelled: str, loaded: Place) -> Iterator[str]:
        """The files that a path may stand for."""
        if spelled.startswith(texts.TEMPORARY) or "://" in spelled:
            return
        anchored = spelled.startswith(texts.HERE)
        plain = posixpath.normpath(spelled.lstrip(texts.HERE).lstrip("/") if anchored else spelled.replace("\\", "/"))
        if "{" in plain:
            yield from self._fitting(plain)
            return
        folders = [""] if anchored else ["", *self._around(loaded)]
        places = [posixpath.normpath(posixpath.join(folder, plain)) for folder in folders]
        known = next((named for place in places for named in self._endings(place) if named in self.paths), None)
        if known is not None:
            yield known
        elif not anchored:
            yield from self._below(plain)

    def _around(self, loaded: Place) -> tuple[str, ...]:
        return tuple(folders_above(self.program.sources[loaded[0]].path)) if loaded[0] >= 0 else ()

    def _endings(self, place: str) -> tuple[str, ...]:
        return (place,) if posixpath.splitext(place)[1] else (place, *(f"{place}{ending}" for ending in ENDINGS))

    def _below(self, plain: str) -> Iterator[str]:
        """The one file whose path ends in the same way: the program runs in a folder that is not known, and that is
        none in which a tool keeps what is its own (`.github`)."""
        parts = [part for part in plain.split("/") if part not in ("", ".", "..", "~")]
        for first in range(len(parts)):
            wanted = "/".join(parts[first:])
            found = [
                path
                for ending in self._endings(wanted)
                for path in self._named.get(posixpath.basename(ending), ())
                if f"/{path}".endswith(f"/{ending}") and "/." not in f"/{path}"[: -len(ending)]
                and self.program.sources[self.paths[path]].purpose is Purpose.PRODUCTION
            ]
            if found:
                yield from found if len(found) == 1 else ()
                return

    def _fitting(self, pattern: str) -> Iterator[str]:
        """The files that a path with unknown parts may name; the one of the environment that is asked for."""
        pieces = [re.escape(piece) for piece in _HOLE.split(pattern)]
        if not any(piece.strip("/._-\\") for piece in pieces):
            return
        regex = re.compile("(?:.*/)?" + "[^/]+".join(pieces))
        found = [path for path in sorted(self.paths) if regex.fullmatch(path)]
        picked = [path for path in found if self.environment and of_environment(path) == self.environment]
        yield from (picked or found)[:MOST_FILES]

    # --- what stands under keys -----------------------------------------------------------------------------

    def sheet(self, file: int) -> Sheet:
        """The keys of a file. Where a key stands twice, the last one holds."""
        found = self._sheets.get(file)
        if found is None:
            found = self._sheets[file] = Sheet()
            for said in self.program.facts[file].settings:
                if said.key not in found.entries:
                    found.below.setdefault(said.key[:-1], []).append(said.key[-1])
                found.entries[said.key] = entry_of(file, said)
        return found

    def found(self, setting: Setting) -> tuple[Entry, ...]:
        """What files say under the keys of a setting: the one in force first, the others behind it."""
        known = self._found.get(setting)
        if known is None:
            known = self._found[setting] = tuple(self._look(setting))
        return known

    def _look(self, setting: Setting) -> Iterator[Entry]:
        if setting.file is None or setting.open:
            return
        layers = self.layers(setting.file, setting.loaded)
        for layer in layers:
            yield from under(self.sheet(layer.file), layer, setting.keys)

    def chosen(self, setting: Setting) -> tuple[Entry, ...]:
        """As `found`, without what only another choice of files would bring."""
        if setting.file is None or setting.open:
            return ()
        layers = self.layers(setting.file, setting.loaded)
        out = {(layer.file, layer.within) for layer in layers if not layer.chosen}
        entries = self.found(setting)
        return tuple(one for one in entries if not out & {(one.file, ()), (one.file, one.keys[:1])})

    def last(self, file: int, keys: Keys) -> int:
        """Where the last key below some keys stands."""
        sheet = self.sheet(file)
        todo, found = [keys], sheet.entries[keys].at[1]
        while todo:
            way = todo.pop()
            found = max(found, sheet.entries[way].at[1]) if sheet.entries[way].at[0] == file else found
            todo += [(*way, name) for name in sheet.below.get(way, ())]
        return found

    def referred(self) -> Iterator[tuple[Entry, Place]]:
        """Keys that other settings refer to, with the place of who does."""
        sheets = [sheet for _, sheet in sorted(self._sheets.items())]
        for sheet in sheets:
            for entry in sheet.entries.values():
                for keys in references(entry.text) if entry.text else ():
                    for wanted in (keys, (*entry.keys[:-1], *keys[1:]), ("DEFAULT", *keys[1:])):
                        if wanted in sheet.entries:
                            yield sheet.entries[wanted], entry.at
                    if len(keys) > 1:
                        yield from ((other.entries[keys], entry.at) for other in sheets if keys in other.entries)

    def is_known(self, setting: Setting) -> bool:
        """Whether the file of a setting is one of the repository."""
        return setting.file is not None and not setting.open and bool(self.layers(setting.file, setting.loaded))

    def kind(self, setting: Setting) -> str:
        """The kind of what stands there, in the catalogue's words; empty where it is not known."""
        entries = self.chosen(setting)
        if setting.keys and not entries and self._is_group(setting):
            return "dict"
        if not setting.keys and self.is_known(setting):
            first = self.layers(setting.file, setting.loaded)[0].file  # type: ignore[arg-type]
            sections = self.program.sources[first].path.endswith((".ini", ".cfg"))
            listed = all(key.isdigit() for key in self.sheet(first).below.get((), ()))
            return "config.sections" if sections else "list" if listed else "dict"
        kinds = {entry.kind for entry in entries if entry.kind != "null"}
        kind = kinds.pop() if len(kinds) == 1 else ""
        return {"map": "dict", "bool": ""}.get(kind, kind)

    def _is_group(self, setting: Setting) -> bool:
        """Whether files stand below these keys."""
        layers = self.layers(setting.file, setting.loaded) if setting.file is not None and not setting.open else ()
        return any(layer.prefix[: len(setting.keys)] == setting.keys for layer in layers)

    def below(self, setting: Setting) -> tuple[str, ...] | None:
        """The keys under a setting; None where they are not all known."""
        if not self.is_known(setting) or ANY in setting.keys:
            return None
        found: dict[str, None] = {}
        for layer in self.layers(setting.file, setting.loaded):  # type: ignore[arg-type]
            sheet, inner = self.sheet(layer.file), inside(layer, setting.keys)
            if layer.chosen and inner is not None:
                found.update(dict.fromkeys(sheet.below.get(inner, ())))
            elif layer.chosen and layer.prefix[: len(setting.keys)] == setting.keys:
                found[layer.prefix[len(setting.keys)]] = None
        return tuple(found) or None

    # --- values ---------------------------------------------------------------------------------------------

    def texts(self, setting: Setting) -> tuple[str, ...]:
        """What a setting may hold as text, pieces that are not known as names in braces; few, or nothing."""
        found: dict[str, None] = {}
        for entry in self.chosen(setting):
            if entry.kind in ("map", "list") or entry.text is None:
                continue
            found.update(dict.fromkeys(interpolated(entry.text, self._lookup(setting, entry))))
        return tuple(found) if len(found) <= MOST_FOUND else ()

    def values(self, setting: Setting) -> tuple[Value, ...]:
        """The values that files give a setting."""
        if setting.how in ("env", "field") and setting.default is None:
            named = (self._of_environment(name) for name in setting.variables or (setting.name,))
            return next((values for values in named if values), ())
        if setting.how == "app":
            return tuple(self._plain(setting.default))
        if setting.how != "config":
            return ()
        given = self._of_environment(self.variable(setting))
        if given:
            return given
        entries = self.chosen(setting)
        plain = [entry for entry in entries if entry.kind in ("number", "bool")]
        if plain:
            return tuple(Scalar(False, scalar_of(entry), entry.at) for entry in plain)
        places = tuple(entry.at for entry in entries[:1])
        return tuple(Text(False, (text,), places, "text") for text in self.texts(setting))

    def variable(self, setting: Setting) -> str:
        """The variable of the environment that sets a key of a file, where its loader takes such; else empty."""
        parted = self.parted.get(setting.loaded)
        return "" if parted is None or not setting.keys else parted.variable(setting.keys)

    def all_here(self, setting: Setting) -> bool:
        """Whether each file that a loader names is one of the repository."""
        spelled = self.spelled(setting.file) if setting.file is not None else ()
        return all(any(True for _ in self._matching(one, setting.loaded)) for one in spelled)

    def _plain(self, held: Value | None) -> Iterator[Value]:
        """The values of a setting of an application: plain ones, and those of the settings that give them."""
        for one in held.values if isinstance(held, Alt) else (held,):
            if isinstance(one, Setting):
                yield from self.values(one) or self._plain(one.default)
            elif one is not None:
                yield one

    def _of_environment(self, name: str) -> tuple[Value, ...]:
        """What files give a variable that has no default in code, in the environment that is asked for."""
        if self._variables is None:
            self._variables = plain_values(self.program, self.environment)
        found = self._variables.get(name, {}) if name else {}
        return tuple(Text(False, (text,), (at,), "text") for text, at in found.items() if len(found) <= MOST_FOUND)

    def _lookup(self, setting: Setting, entry: Entry) -> Callable[[Keys], tuple[str, ...]]:
        def look(keys: Keys) -> tuple[str, ...]:
            upwards = len(keys[0]) if set(keys[0]) == {"."} else 0
            absolute = (*entry.keys[:-upwards], *keys[1:]) if upwards else keys
            sheet = self.sheet(entry.file)
            own = Layer(entry.file)
            whole = [*under(sheet, own, absolute), *under(sheet, own, ("DEFAULT", *absolute[-1:]))]
            if setting.file is not None:
                for layer in self.layers(setting.file, setting.loaded):
                    whole += under(self.sheet(layer.file), layer, absolute) if layer.chosen else ()
            return tuple(dict.fromkeys(one.text for one in whole if one.text is not None))[:2]

        return look
