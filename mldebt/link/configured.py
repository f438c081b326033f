"""Settings in the words of checks: where each is defined, and where each is read."""

from __future__ import annotations

import itertools
import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from mldebt.graph.settings import GIVEN, OWN_FIELD, DefinedSetting, Overridden, SettingRead
from mldebt.link.app_keys import Applications
from mldebt.link.app_settings import HOW as APP
from mldebt.link.components import Components
from mldebt.link.environment_names import is_template, of_environment
from mldebt.link.machine import Machine
from mldebt.link.pipelines.templates import Taken
from mldebt.link.plain_values import kind, masked, plain
from mldebt.link.settings import COMPOSED
from mldebt.link.settings_classes import is_checked
from mldebt.link.sheets import ANY, Entry, Keys, Layer, inside
from mldebt.link.values import Alt, Place, Record, Scalar, Setting, Text, Unknown, Value
from mldebt.link.variable_keys import GIVES, VariableKeys
from mldebt.link.variables import env_files, is_env_file
from mldebt.link.words import Words
from mldebt.source import Kind, Span

MOST_PLACES = 12
MOST_DEPTH = 3
_HOLD = (Setting, Alt, Record)


class Configured:
    """What one linking knows of settings."""

    def __init__(
        self, machine: Machine, components: Components, mentions: Mapping[str, frozenset[str]], paths: Iterable[str],
        templates: Iterable[Taken],
    ) -> None:  # fmt: skip
        """`templates` are the keys that definitions of pipelines take."""
        self._machine, self._components = machine, components
        self._files = machine.settings
        self._given = env_files(machine.program)
        self._config = [one for one in machine.pool.settings() if one.how == "config" and not one.open]
        self._applications = Applications(machine)
        known = [one.place for one in self._config if machine.settings.is_known(one)]
        known += [one.place for one in machine.noted.wanted]
        self._words = Words(machine, mentions, known)
        self._templates = tuple(templates)
        self._loaded = self._loaders()
        self._read = self._places_of_reads()
        self._passed = self._passed_on()
        read = {key: places for key, places in self._read.items() if len(key[1]) == 1}
        self._of_variables = VariableKeys(machine, components, self._words, read, paths)

    # --- definitions ----------------------------------------------------------------------------------------

    def defined(self) -> tuple[DefinedSetting, ...]:
        """Keys of files that code loads, variables, and defaults in code, by place."""
        found = [*self._of_files(), *self._of_variables.defined(), *self._of_code(), *self._of_applications()]
        return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.at, one.key, one.form)))

    def _of_files(self) -> Iterator[DefinedSetting]:
        for file, places in sorted(self._loaded.items()):
            sheet = self._files.sheet(file)
            for entry in sheet.entries.values():
                yield self._key(entry, places, self._end_line(file, entry))

    def _key(self, entry: Entry, places: tuple[Place, ...], end_line: int) -> DefinedSetting:
        path = self._machine.program.sources[entry.file].path
        read, passed = self._read.get((entry.file, entry.keys), ()), self._is_passed(entry.file, entry.keys)
        return DefinedSetting(
            form="config", file=path, key=entry.keys, name=".".join(entry.keys), kind=entry.kind,
            value=entry.text or "", at=self._span(entry.at), loaded_by=self._spans(places),
            read_at=self._spans(read), passed_on=passed,
            mentioned=not read and not passed and self._may_be_meant(entry),
            in_section=not passed and any(self._words.may_mean(file, word) for file, word in self._mounts(entry.file)),
            environment=of_environment(path), template=is_template(path), component=self._components.of(path),
            purpose=self._machine.program.sources[entry.file].purpose, end_line=end_line,
        )  # fmt: skip

    def _may_be_meant(self, entry: Entry) -> bool:
        """Whether code that nobody follows holds the word of a key, or another file the whole way to it. What only the
        templates of a pipeline load, and no code names, is asked for by no other word."""
        words = self._words
        if entry.file in self._of_templates:
            return False
        return words.may_mean(entry.file, entry.keys[-1]) or words.may_mean(entry.file, ".".join(entry.keys))

    @cached_property
    def _of_templates(self) -> frozenset[int]:
        """The files that only definitions of pipelines load, and whose name no text of the code ends in."""
        taken: dict[int, set[Place]] = defaultdict(set)
        for one in self._templates:
            taken[one.file].add(one.at)
        ends = {text.parts[-1].rpartition("/")[2] for text in self._machine.pool.texts() if text.parts[-1:]
                and isinstance(text.parts[-1], str)}  # fmt: skip
        names = {file: posixpath.basename(self._machine.program.sources[file].path) for file in taken}
        alone = (file for file, places in taken.items() if places.issuperset(self._loaded[file]))
        return frozenset(file for file in alone if names[file] not in ends)

    def _mounts(self, file: int) -> Iterator[tuple[int, str]]:
        """The words of the sections that a file is put in by those which are put together."""
        for prefix in self._prefixes.get(file, ()):
            yield file, prefix[-1]

    def _end_line(self, file: int, entry: Entry) -> int:
        """The last line of what stands under a key."""
        last = self._files.last(file, entry.keys)
        return self._span((file, last, last)).line

    def _of_code(self) -> Iterator[DefinedSetting]:
        """Defaults in code: of variables, options and fields; none that comes out differently from call to call."""
        told: set[tuple[str, str, tuple[Place, ...]]] = set()
        asked = Counter(place for place, _ in self._defaults)
        for (place, name), found in sorted(self._defaults.items(), key=lambda one: one[0]):
            for text, settings in found.items() if len(found) == 1 else ():
                # A helper that asks for several is given each default by whoever calls it.
                for setting in settings if asked[place] > 1 else settings[:1]:
                    written = _written(setting.default)
                    home = written[0] if asked[place] > 1 and len(written) == 1 else place
                    one = (name.lstrip("-").replace("-", "_"), text, written or (home,))
                    if not self._is_given(written) and one not in told:
                        told.add(one)  # one constant, which several places take
                        yield self._default(setting, text, home)

    @cached_property
    def _defaults(self) -> Mapping[tuple[Place, str], Mapping[str, list[Setting]]]:
        """The texts that stand in for a setting, by where it is asked for and its name; of options, what commands give
        them, too."""
        found: dict[tuple[Place, str], dict[str, list[Setting]]] = defaultdict(lambda: defaultdict(list))
        for setting in self._machine.pool.settings():
            place = setting.place
            if setting.how in ("config", APP) or setting.default is None or setting.open:
                continue
            if place[0] < 0 or not setting.name:
                continue
            text = masked(setting.name, setting.default)
            if text is not None and not self._in_test(place):
                found[place, setting.name][text].append(setting)
        return found

    def overridden(self) -> tuple[Overridden, ...]:
        """The options with one default to which a command gives one other value."""
        found: list[Overridden] = []
        for (place, name), texts in sorted(self._defaults.items(), key=lambda one: one[0]):
            given = {text: _written(ones[0].default) for text, ones in texts.items() if ones[0].how == "option"}
            outside = [(text, written) for text, written in given.items() if self._is_given(written)]
            inside = [text for text, written in given.items() if not self._is_given(written)]
            if len(inside) == len(outside) == 1:
                (text, written), at = outside[0], self._span(place)
                by = self._span(written[0])
                found.append(Overridden(name, inside[0], at, text, by, self._components.of(at.path)))
        return tuple(found)

    def _default(self, setting: Setting, text: str, home: Place) -> DefinedSetting:
        """The default of a setting, which stands at `home`."""
        source, read = self._machine.program.sources[home[0]], (self._span(setting.place),)
        scope = OWN_FIELD if setting.how == "field" and not setting.variables else setting.how
        scope = GIVEN if setting.how == "env" and self._is_given_elsewhere(setting) else scope
        return DefinedSetting(
            form="code", file=source.path, key=(setting.name,), name=setting.name,
            kind=kind(setting.default) if setting.default is not None else "", value=text, at=self._span(home),
            loaded_by=read, read_at=read, scope=scope, component=self._components.of(source.path),
            purpose=source.purpose,
        )  # fmt: skip

    def _is_given_elsewhere(self, setting: Setting) -> bool:
        """Whether what runs the program gives a variable its value, or this place gives it one for what it runs."""
        rows = self._machine.noted.meant.get(setting.place, ())
        return any(GIVES in row.traits for row in rows) or self._machine.catalogue.is_given_by_a_run(setting.name)

    def _of_applications(self) -> Iterator[DefinedSetting]:
        """Names of classes and modules that hold settings of an application, and keys that code puts there."""
        for application in self._applications.all:
            for one in application.names.values():
                source = self._machine.program.sources[one.at[0]]
                if source.kind is Kind.SETTINGS:
                    continue
                read = self._spans(application.asked.get(one.name, ()))
                text = plain(one.value)
                yield DefinedSetting(
                    form="app", file=source.path, key=(one.name,), name=one.name,
                    kind="" if text is None else kind(one.value), value=masked(one.name, one.value) or "",
                    at=self._span(one.at), loaded_by=self._spans([one.put_at]), read_at=read,
                    passed_on=self._applications.is_of_library(one.name),
                    mentioned=not read and (one.used or self._words.may_mean(one.at[0], one.name)),
                    scope=one.holder, component=self._components.of(source.path), purpose=source.purpose,
                )  # fmt: skip

    def _is_given(self, written: tuple[Place, ...]) -> bool:
        """Whether a command outside of code gives a value, and no code says it."""
        return bool(written) and all(self._machine.program.unit_at(place) < 0 for place in written)

    # --- reads ----------------------------------------------------------------------------------------------

    def reads(self) -> tuple[SettingRead, ...]:
        """Every place that asks for a setting, once for each setting."""
        found = [*self._config_reads(), *self._reads_of_variables(), *self._reads_of_applications()]
        return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.at, one.how, one.key)))

    def _config_reads(self) -> Iterator[SettingRead]:
        groups: dict[tuple[Place, str], list[Setting]] = defaultdict(list)
        for setting in self._config:
            if setting.keys and setting.place[0] >= 0 and setting.place != setting.loaded:
                if setting not in self._files.called and self._files.is_known(setting):
                    groups[setting.place, setting.keys[-1]].append(setting)
        for (place, _), settings in groups.items():
            yield self._config_read(place, settings)

    def _config_read(self, place: Place, settings: list[Setting]) -> SettingRead:
        first = settings[0]
        entries = [entry for one in settings for entry in self._files.found(one)]
        default = next((one.default for one in settings if one.default is not None), None)
        spared = default is not None or place in self._files.softly
        files = [layer.file for one in settings for layer in self._layers(one) if layer.chosen]
        holders = [entry for one in settings for entry in self._holders(one)]
        inside = all(one.kind == "map" for one in holders) and (bool(holders) or len(first.keys) == 1)
        stored = self._words.is_stored(first.keys[-1])
        named = all(one.file is not None and self._files.is_named(one.file) for one in settings)
        variables = [at for one in settings for at in self._of_variables.given(self._files.variable(one))]
        read = SettingRead(
            how="config", key=first.keys, name=".".join(first.keys), at=self._span(place),
            files=tuple(dict.fromkeys(self._machine.program.sources[file].path for file in files)),
            defined_at=self._spans((*(entry.at for entry in entries), *variables)), has_default=spared,
            default=masked(first.keys[-1], default) or "", required=not spared,
            known=inside and named and not stored and ANY not in first.keys and not self._is_joined(settings)
            and first.keys[-1] not in self._fields and not self._is_of_loader(first),
            elsewhere=not all(map(self._files.all_here, settings)),
        )  # fmt: skip
        return self._told(read, place)

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The fields of classes that check what they are made of: an object of one may be asked, with its defaults."""
        machine = self._machine
        classes = (unit for unit in range(len(machine.program.units)) if machine.info(unit).kind == "class")
        checked = (unit for unit in classes if is_checked(machine, unit))
        return frozenset(name for unit in checked for name in machine.program.exports(unit))

    def _reads_of_applications(self) -> Iterator[SettingRead]:
        for application in self._applications.all:
            files = tuple(self._machine.program.sources[file].path for file in application.files())
            for name, places in application.asked.items():
                defined = self._spans(at for key, at in application.names if key == name)
                free = application.open or self._applications.is_of_library(name)
                for place, soft in places.items():
                    read = SettingRead(
                        how="config", key=(name,), name=name, at=self._span(place), files=files, defined_at=defined,
                        has_default=soft, required=not soft,
                        known=not free and (bool(defined) or soft or not self._words.is_stored(name)),
                    )  # fmt: skip
                    yield self._told(read, place)

    def _reads_of_variables(self) -> Iterator[SettingRead]:
        return (self._told(read, place) for read, place in self._of_variables.reads())

    def _holders(self, setting: Setting) -> tuple[Entry, ...]:
        """What stands where a key is looked for."""
        above = self._machine.pool.key_of_file(
            setting.file or self._machine.pool.unknown, setting.keys[:-1], None, setting.place, setting.loaded
        )
        return self._files.found(above)

    def _is_of_loader(self, setting: Setting) -> bool:
        """Whether a key is one that the loader itself has."""
        parted = self._files.parted.get(setting.loaded)
        return parted is not None and setting.keys[-1].lower() in parted.own

    def _is_joined(self, settings: list[Setting]) -> bool:
        """Whether other things are merged into what was loaded before it is asked."""
        return any(one.loaded in self._files.merged for one in settings)

    # --- what happens to them -------------------------------------------------------------------------------

    def _loaders(self) -> dict[int, tuple[Place, ...]]:
        found: dict[int, dict[Place, None]] = defaultdict(dict)
        self._prefixes: dict[int, dict[Keys, None]] = defaultdict(dict)
        for setting in self._config:
            if not self._in_test(setting.loaded):
                for layer in self._layers(setting):
                    found[layer.file][setting.loaded] = None
                    if layer.prefix:
                        self._prefixes[layer.file][layer.prefix] = None
        for one in self._templates:
            found[one.file][one.at] = None
        return {
            file: tuple(places) for file, places in found.items()
            if not (is_env_file(path := self._machine.program.sources[file].path) or path in self._given)
        }  # fmt: skip

    def _layers(self, setting: Setting) -> tuple[Layer, ...]:
        return () if setting.file is None else self._files.layers(setting.file, setting.loaded)

    def _places_of_reads(self) -> dict[tuple[int, Keys], tuple[Place, ...]]:
        found: dict[tuple[int, Keys], dict[Place, None]] = defaultdict(dict)
        for setting in self._config:
            if setting.place[0] >= 0 and setting.keys and setting not in self._files.called:
                for entry in self._files.found(setting):
                    found[entry.file, entry.keys][setting.place] = None
        for setting in self._files.opened:
            for layer in self._layers(setting):
                inner = inside(layer, setting.keys)
                for name in self._files.sheet(layer.file).below.get(inner, ()) if inner is not None else ():
                    found[layer.file, (*(inner or ()), name)][setting.place] = None
        for file, loader in self._files.composed.items():
            own = {COMPOSED}.union(*(row.own for row in self._machine.noted.meant.get(loader, ())))
            for keys in self._files.sheet(file).entries:
                if keys[0] in own:
                    found[file, keys][loader] = None
        for keys, file, loader in self._keys_of_loaders():
            found[file, keys][loader] = None
        for entry, at in self._files.referred():
            found[entry.file, entry.keys][at] = None
        for one in self._templates:
            found[one.file, one.keys][one.at] = None
        return {key: tuple(places) for key, places in found.items()}

    def _keys_of_loaders(self) -> Iterator[tuple[Keys, int, Place]]:
        """Of files parted into environments, the sections themselves, and the keys that are for the loader."""
        parted = self._files.parted
        loads = ((one.loaded, layer) for one in self._config if one.loaded in parted for layer in self._layers(one))
        for loader, layer in dict.fromkeys(loads):
            own = parted[loader].own
            yield from ((keys, layer.file, loader) for keys in self._files.sheet(layer.file).entries if keys[-1] in own)
            if layer.within:
                yield layer.within, layer.file, loader

    def _passed_on(self) -> set[tuple[int, Keys]]:
        """The keys of which all that stands below may be used by whoever gets it."""
        known = frozenset(self._config)
        users = self._machine.pool.users() if known else ()
        some = (value for value in dict.fromkeys(itertools.chain.from_iterable(users)) if isinstance(value, _HOLD))
        parts = (one for value in some for one in _held(value))
        given = dict.fromkeys(one for one in parts if isinstance(one, Setting) and one in known)
        found: set[tuple[int, Keys]] = set()
        for setting in given:
            if not setting.keys:
                found |= {(layer.file, layer.within or layer.prefix) for layer in self._layers(setting)}
            found |= {(entry.file, entry.keys) for entry in self._files.found(setting)}
        return found

    def _is_passed(self, file: int, keys: Keys) -> bool:
        return any((file, keys[:length]) in self._passed for length in range(len(keys) + 1))

    # --- words ----------------------------------------------------------------------------------------------

    def _told(self, read: SettingRead, place: Place) -> SettingRead:
        """A read with whose code it stands in."""
        source, unit = self._machine.program.sources[place[0]], self._machine.program.unit_at(place)
        component, symbol = self._components.of(source.path), self._machine.info(unit).id
        return replace(read, symbol=symbol, component=component, purpose=source.purpose)

    def _in_test(self, place: Place) -> bool:
        return place[0] >= 0 and self._machine.program.is_test[self._machine.program.unit_at(place)]

    def _span(self, place: Place) -> Span:
        return self._machine.program.span(place)

    def _spans(self, places: Iterable[Place]) -> tuple[Span, ...]:
        return self._machine.program.spans(places, MOST_PLACES)


def _held(value: Value, depth: int = 0) -> Iterator[Value]:
    """A value, or those that it may be, or that are spread into it."""
    inner = value.values if isinstance(value, Alt) else ()
    if isinstance(value, Record):
        inner = tuple(one for key, one in zip(value.keys, value.items, strict=True) if isinstance(key, Unknown))
    if inner and depth < MOST_DEPTH:
        for one in inner:
            yield from _held(one, depth + 1)
    else:
        yield value


def _written(value: Value | None) -> tuple[Place, ...]:
    """Where the parts of a plain value are written."""
    one = (value.place,) if isinstance(value, Scalar) else ()
    return tuple(place for place in (value.places if isinstance(value, Text) else one) if place[0] >= 0)
