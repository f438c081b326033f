"""Read-only questions about settings that are defined several times with equal values."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from mldebt.graph.graph import Graph
from mldebt.graph.reach import idle_modules
from mldebt.graph.settings import GIVEN, OWN_FIELD, DefinedSetting, is_of_this_machine, same_place, shared_defaults
from mldebt.graph.settings_files import Sheets, Written, sheets_of
from mldebt.graph.shared_places import Use, at_place, binds, uses
from mldebt.graph.superseded import superseded
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span, folders_above

_ALL_OVER = 3  # kinds of places
_TRIVIAL = re.compile(
    r"(?i)-?[01](?:\.0*)?|true|false|yes|no|on|off|none|null|unknown|n/a|info|debug|utf-?8|utc|auto|default|[\d.]"
    r"|dev(?:elop(?:ment)?)?|local|test(?:ing)?|stag(?:e|ing)|prod(?:uction)?|admin|root|guest|localhost|127\.0\.0\.1|0\.0\.0\.0")
_PORTS = frozenset({
    "21", "22", "25", "80", "443", "587", "1433", "1521", "1883", "2181", "3306", "5432", "5672", "6379", "9042",
    "9092", "9200", "11211", "27017",
})  # fmt: skip
"""Where servers of one kind listen unless they are told otherwise: whoever says so repeats no choice."""
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]+")
_FILLED = re.compile(r"\$\{|^\{\w+\}$|^__\w+__$|\$\(|\{\{|\$\w|<\w+>|\*\*\*|\N{BULLET}")
_DEFAULT = re.compile(r"\$\{\w+:?-(?P<value>[^{}$]*)\}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_CHECKSUM = re.compile(r"(?![0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$)(?:[a-z]+\d*:)?[0-9a-f]{32,128}")
"""Whoever changes what a checksum is of is told by each place that pins it. An identifier that was drawn at random
(RFC 9562, version 4) is none: nobody is told that another run was meant."""
_MARK = re.compile(r"[-_.\s]+")
_LISTS = frozenset({"requirements", "conda", "container"})
_Values = Mapping[str, Mapping[Span, DefinedSetting]]
_SURENESS = tuple(Confidence)
_ORDER = ("code", "config", "terraform", "env", "compose", "container", "deployment", "ci", "shell")
_GIVEN = frozenset({"env", "compose", "container", "deployment", "ci", "shell"})
"""What gives a program its variables: a default in its code holds for the runs that have none of them."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the repository tells about the places of settings: settings files, the first copy of each file of code, and
    what code does with files."""

    sheets: Sheets
    twins: Mapping[str, str]
    used: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """A setting with one value in several places; the best place stands first. `others` are places of the same
    component that give it another value."""

    name: str
    places: tuple[DefinedSetting, ...]
    confidence: Confidence
    others: tuple[DefinedSetting, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """The files in which it stands."""
        return frozenset(one.file for one in self.places)


def same_settings(graph: Graph) -> Iterator[Same]:
    """Settings that stand with one value in several files of a repository, by name; each once, with the value that
    most places have."""
    groups: dict[tuple[str, str], dict[str, dict[Span, DefinedSetting]]] = defaultdict(lambda: defaultdict(dict))
    written, known = Written(graph), _Known(sheets_of(graph), twins(graph), uses(graph))
    modules = [one.path for one in graph.code.definitions if one.kind == "module"]
    idle = idle_modules(graph) | superseded(graph)
    homes, handed = _homes(graph), {identity(one) for one in graph.code.settings if _is_of_a_resource(one)}
    shared = shared_defaults(graph.code.settings)
    for one in map(_with_its_default, (one for one in graph.code.settings if one.at not in shared)):
        if one.form == "terraform" and identity(one) in handed:
            one = replace(one, scope="")  # a program of this infrastructure is given it
        else_said = _names_code(one.value.strip(), modules) or _CHECKSUM.fullmatch(one.value.strip())
        if one.purpose is Purpose.PRODUCTION and says_something(one) and not (else_said or written.holds(one.file)):
            key = (graph.code.repository_of(one.file), identity(one))
            groups[key][same_place(one.value)].setdefault(one.at, one)
    for (_, name), values in sorted(groups.items()):
        stated = [_in_force(list(places.values()), idle) for _, places in sorted(values.items())]
        told = [ones for places in stated for ones in _of_programs(places, homes, written)]
        found = [same for ones in told if (same := _same(name, ones, known)) is not None]
        apart = {_home_of(one, homes) for places in values.values() for one in places.values()} - {""}
        if found:
            yield min((_beside_others(same, values, len(apart) > 1) for same in found), key=_worth)


def _in_force(places: list[DefinedSetting], idle: AbstractSet[str]) -> list[DefinedSetting]:
    """Without what stands in code that nobody uses, where other places say the same."""
    live = [one for one in places if one.file not in idle]
    return live or places


def _beside_others(same: Same, values: _Values, apart: bool) -> Same:
    """A setting with its other values; a hint where these are as many, or programs `apart` chose each its own."""
    others = _with_another_value(same, values)
    chosen = len(values) > 1 and apart and ":" not in same.places[0].value  # no server they share
    sure = Confidence.HINT if chosen or len(others) >= len(same.places) else same.confidence
    return replace(same, others=others, confidence=sure)


def _worth(same: Same) -> tuple[int, int, int]:
    return _SURENESS.index(same.confidence), -len(same.places), _rank(same.places[0])


def _with_its_default(one: DefinedSetting) -> DefinedSetting:
    """A setting whose value is what a variable says, or else this: the latter is what stands there."""
    default = _DEFAULT.fullmatch(one.value.strip())
    return replace(one, value=default["value"]) if default else one


def _with_another_value(same: Same, values: _Values) -> tuple[DefinedSetting, ...]:
    told, parts = same_place(same.places[0].value), {one.component for one in same.places}
    other = (one for value, places in sorted(values.items()) if value != told for one in places.values())
    return tuple(one for one in other if one.component in parts and not (one.environment or one.template))


def _homes(graph: Graph) -> frozenset[str]:
    """Folders with requirements or a container of their own, below the top."""
    folders = {posixpath.dirname(one.path) for one in graph.code.environments if one.form in _LISTS}
    folders |= {posixpath.dirname(one.path) for one in graph.code.unseen if one.kind == "container"}
    return frozenset(folders - {""})


def _of_programs(
    places: list[DefinedSetting], homes: frozenset[str], written: Written
) -> list[list[DefinedSetting]]:
    """The places, for each program by itself where programs side by side only call alike what is their own: a file of
    theirs, a folder into which none of them writes, or a number in their settings file or behind an option."""
    at_home = [_home_of(one, homes) for one in places]
    apart, asked = sorted(set(at_home) - {""}), [one for one in places if one.form == "code"]
    inside = asked and all(_is_in_its_image(one, written) for one in asked)
    if len(apart) < 2 or not (inside or any(map(_is_own, places))):
        return [places]
    return [[one for one, home in zip(places, at_home, strict=True) if home in ("", program)] for program in apart]


def _home_of(one: DefinedSetting, homes: frozenset[str]) -> str:
    return next((folder for folder in folders_above(one.file) if folder in homes), "")


def _is_own(one: DefinedSetting) -> bool:
    asked = one.form == "config" or (one.form == "code" and one.scope != "env")
    return _is_local(one.value.strip()) or (one.kind == "number" and asked)


def _is_in_its_image(one: DefinedSetting, written: Written) -> bool:
    """Whether a program looks for something in a folder of its own machine or image, where none here puts it."""
    return one.value.strip().startswith("/") and not written.fills(same_place(one.value))


def _is_local(value: str) -> bool:
    """Whether it is the path of a file below the folder where a program runs."""
    named = not value.startswith("/") and "://" not in value and "." in posixpath.basename(value)
    return value.startswith(("./", "../", "file:.")) or ("/" in value and named)


def _same(name: str, found: list[DefinedSetting], known: _Known) -> Same | None:
    found, sheets = _without_overrides(found), known.sheets
    places = sorted(found, key=lambda one: (_rank(one), one.at))
    sure = _sureness(places, known) if len({one.file for one in places}) > 1 else None
    if sure is not None and (_are_alternatives(places, sheets) or _picks_one(places, sheets)):
        sure = Confidence.HINT  # each says what its run needs
    if sure is not None and (is_of_this_machine(places[0].value) or _is_its_name(places[0])):
        sure = Confidence.HINT  # it is right on every machine, or what everybody calls it
    if sure is not None and _is_in_all_environments(places, sheets) and not places[0].value.strip().startswith("."):
        sure = Confidence.LIKELY  # it is no part of what makes them differ
    return None if sure is None else Same(name, tuple(places), sure)


def _is_its_name(one: DefinedSetting) -> bool:
    """Whether a value says no more than the name of its setting does, as a user who is called like the database."""
    words = set(re.split(r"[^a-z0-9]+", one.value.lower())) - {""}
    return bool(words) and words <= set(identity(one).split("_"))


def _rank(one: DefinedSetting) -> int:
    return _ORDER.index(one.form) if one.form in _ORDER else len(_ORDER)


def _is_in_all_environments(places: list[DefinedSetting], sheets: Sheets) -> bool:
    """Whether each file of values that a Terraform module has says the same."""
    files = {one.file for one in places if ".tfvars" in one.file}
    folders = {posixpath.dirname(file) for file in files}
    beside = {file for file in sheets if ".tfvars" in file and posixpath.dirname(file) in folders}
    return len(files) > 1 and files == beside and all(one.form == "terraform" for one in places)


def _picks_one(places: list[DefinedSetting], sheets: Sheets) -> bool:
    """Whether the files are one of several beside each other, each with a value of its own, and the rest picks that."""
    told = [one for one in places if one.form == "config" and one.file in sheets]
    for one in told[:1]:
        beside = [found for file, found in sheets.items() if posixpath.dirname(file) == posixpath.dirname(one.file)]
        forms = [found for found in beside if _are_alike(sheets[one.file].keys(), found.keys()) and one.key in found]
        return len(told) == 1 and len({found[one.key].value for found in forms}) > 1
    return False


def _are_alternatives(places: list[DefinedSetting], sheets: Sheets) -> bool:
    """Whether a run takes one or another of the files: they lie beside each other and have one form."""
    files = dict.fromkeys(one.file for one in places)
    if any(file not in sheets for file in files) or len({posixpath.dirname(file) for file in files}) > 1:
        return False
    keys = [sheets[file].keys() for file in files]
    return all(_are_alike(keys[0], other) for other in keys)


def _are_alike(one: AbstractSet[tuple[str, ...]], other: AbstractSet[tuple[str, ...]]) -> bool:
    """Whether two files have one form: most of what they say, or the one all that the other says."""
    shared, sizes = len(one & other), sorted((len(one), len(other)))
    return 2 * shared >= sizes[1] or shared == sizes[0] > 1


def _without_overrides(found: list[DefinedSetting]) -> list[DefinedSetting]:
    """Without what a Terraform module's file of values says again of its own variables: it is there to be another."""
    declared = {posixpath.dirname(one.file) for one in found if one.form == "terraform" and one.file.endswith(".tf")}
    return [one for one in found if not (".tfvars" in one.file and posixpath.dirname(one.file) in declared)]


def identity(one: DefinedSetting) -> str:
    """The name under which a setting is the same everywhere: a variable's own, or all keys of a settings file."""
    name = one.name.lstrip("-") if one.form == "code" else one.name
    return _MARK.sub("_", name).lower()


def says_something(one: DefinedSetting) -> bool:
    """Whether its value would tell it from other settings, and is written there."""
    value = one.value.strip()
    if one.kind in ("map", "list", "null", "bool") or not value or _TRIVIAL.fullmatch(value) or _FILLED.search(value):
        return False
    if _PLACEHOLDER.fullmatch(value) and identity(one).endswith(value.lower()):
        return False  # the end of its own name stands for a value that has to come from elsewhere
    if value in _PORTS and _is_port(one):
        return False
    return len(value) > 2 and not any(part.isdigit() for part in one.key)


def _names_code(value: str, modules: list[str]) -> bool:
    """Whether a value is a module of the repository: whoever moves that finds who names it."""
    if "." not in value or not all(part.isidentifier() for part in value.split(".")):
        return False
    path = f"/{value.replace('.', '/')}.py"
    return any(f"/{module}".endswith(path) for module in modules)


def _sureness(places: list[DefinedSetting], known: _Known) -> Confidence | None:
    """How sure it is that they are one setting: somebody here reads it, or it is the variable of programs by name."""
    # A file that no code loads may hold results.
    own = [one for one in places if not one.template and (one.form != "config" or _is_loaded(one))]
    forms = {one.form for one in own}
    if len({one.file for one in own}) < 2:
        return Confidence.HINT if own and own[0].form == "code" else None
    asked = [one for one in own if one.form == "code"]
    scopes = {one.scope for one in asked}
    if scopes == {GIVEN} or all(" " in one.value.strip() and "/" not in one.value for one in own):
        return Confidence.HINT  # it only stands in for what a run is given, or is what people are shown
    free = not binds(known.used, same_place(own[0].value), {one.file for one in asked})
    kinds = {one.form for one in places if one.form != "config" or _is_loaded(one)}
    # A number of one default is the same one wherever that variable is given; of two, each may be of its program. What
    # many files take unless a variable says otherwise, they take together.
    one_choice = len(asked) == 1 and len(kinds) >= _ALL_OVER and not _is_port(asked[0])
    one_variable = scopes == {"env"} and len({one.file for one in asked}) >= _ALL_OVER
    apart = len(scopes) == 1 and _is_number(asked[0]) and not (one_choice or one_variable)
    if forms <= {"code", *_GIVEN} and ((scopes == {"option"} and free) or apart):
        return Confidence.HINT  # defaults of options of different programs
    if scopes == {"option"} and _is_number(asked[0]) and not _are_loaded_beside(asked, own):
        return Confidence.HINT  # a number of one program, and one in the settings of another
    if forms == {"code"} and OWN_FIELD in scopes and not any(_is_place(one.value) for one in own):
        return Confidence.HINT  # a word in a record and elsewhere
    if forms == {"code"} and _is_port(asked[0]):
        return Confidence.HINT  # each server listens at its own
    if forms == {"terraform"}:
        return Confidence.HINT  # whoever calls a module gives it other values
    environments = {one.file if len(forms) == 1 else str(one.at): one.environment for one in own}
    if len({*environments.values()}) == len(environments) > 1:
        return Confidence.HINT  # one for each environment
    read = any(one.read_at for one in own) or "code" in forms
    defaults, ways, others = _independent(own, known.twins)
    # What other programs write there, or read, does not follow a change of some of the places. What starts a program
    # has to say again what it is to be started with.
    met = any(one.is_handed_on for one in at_place(known.used, same_place(own[0].value)))
    all_over = defaults > 0 and len(kinds) >= _ALL_OVER and met
    if (defaults + others < 2 and not all_over) or not read:
        return Confidence.HINT
    words = "config" in forms and max(defaults, ways) < 2  # a word is what keys of two files may well have in common
    if words and not any(_is_place(one.value) for one in own):
        return Confidence.HINT
    # Files that are loaded by themselves say the same of things of their own, but for where something lies.
    apart = forms == {"config"} and not any("/" in one.value.strip().strip("./") for one in own)
    return Confidence.HINT if apart else Confidence.LIKELY


def _are_loaded_beside(asked: list[DefinedSetting], own: list[DefinedSetting]) -> bool:
    """Whether a program with an option loads one of the settings files itself."""
    programs = {one.file for one in asked}
    return any(at.path in programs for one in own if one.form == "config" for at in one.loaded_by)


def _independent(places: list[DefinedSetting], twins: Mapping[str, str]) -> tuple[int, int, int]:
    """How many files a change has to find: with a default in code, of one way to start the program, and others. What
    gives a program its variables stands in front of a default in code, as what an object is made of stands in front of
    those of its fields; of the ways to start it (here, in compose, in a cluster), its environments and the compose
    files of one folder one is taken, so only files of one of them agree. An image, and a path inside of a container, is
    that container's own; a copied file is no other one."""
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in places:
        way = one.environment if _is_given(one) else None
        name = posixpath.dirname(one.file) if one.form == "compose" else twins.get(one.file, one.file)
        name = "" if one.scope == OWN_FIELD or (way is not None and _is_inside(one)) else name
        files[one.form, "-" if way is None else f"in {way}"].add(name)
    made = any(one.form == "config" for one in places)
    defaults = files.pop(("code", "-"), set()) - ({""} if made else set())
    ways = max((len(found) for (_, way), found in files.items() if way != "-"), default=0)
    return len(defaults), ways, sum(len(found) for (_, way), found in files.items() if way == "-")


def _is_given(one: DefinedSetting) -> bool:
    """Whether a place gives a program the value of a variable."""
    return one.form in _GIVEN or (one.form == "terraform" and one.scope != "variable")


def _is_of_a_resource(one: DefinedSetting) -> bool:
    return one.form == "terraform" and one.scope.startswith("resource.")


def twins(graph: Graph) -> Mapping[str, str]:
    """The files of code that define the same names as another one, and which that is."""
    defined: dict[str, list[str]] = defaultdict(list)
    for one in graph.code.definitions:
        if one.kind != "module":
            defined[one.path].append(one.name)
    first: dict[tuple[str, ...], str] = {}
    named = {path: tuple(sorted(names)) for path, names in sorted(defined.items()) if len(names) > 1}
    return {path: first.setdefault(names, path) for path, names in named.items()}


def _is_port(one: DefinedSetting) -> bool:
    return f"_{identity(one)}".endswith("_port")


def _is_number(one: DefinedSetting) -> bool:
    return one.kind == "number" or _NUMBER.fullmatch(one.value.strip()) is not None


def _is_inside(one: DefinedSetting) -> bool:
    value = one.value.strip()
    return one.form == "container" or (one.form != "env" and (value.startswith("/") or _is_local(value)))


def _is_loaded(one: DefinedSetting) -> bool:
    """Whether code takes a key from a file; what it loads of JSON may be data, until somebody asks for the key."""
    return bool(one.read_at) or (bool(one.loaded_by) and not one.file.endswith((".json", ".jsonc")))


def _is_place(value: str) -> bool:
    return "/" in value or len(value) > 11
