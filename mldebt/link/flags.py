"""Conditions that settings decide: what they come out as with all that sets those, and who may set them otherwise.

A setting is a key of a settings file, a variable of the environment, or an option of a command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.facts import Const
from mldebt.link.environment_names import is_template
from mldebt.link.given import MOST_VALUES
from mldebt.link.kinds import changed_setting, truth
from mldebt.link.machine import Machine
from mldebt.link.operators import compared
from mldebt.link.values import Alt, Deferred, Place, Scalar, Sequence, Setting, Text, Value, literal
from mldebt.link.variables import DECLARED, Variable, is_env_file, variables

LONGEST = 80
_FEWEST_FILES = 2
_OPEN = ("$", "{", "***", "<")
_HOLDS = frozenset({"config", "env", "option"})


class Flags:
    """What the settings of one linking may be, as far as everything that sets them is known. `told` are the words of
    what people are told."""

    def __init__(self, machine: Machine, told: frozenset[str]) -> None:
        self._machine, self._told = machine, told
        self._variables: dict[str, list[Variable]] | None = None
        self._words: dict[str, list[tuple[int, int]]] | None = None

    # --- what comes out ---------------------------------------------------------------------------------------

    def outcome(self, condition: Value) -> bool | None:
        """What a condition comes out as, whatever of what sets it holds; None if it is open."""
        if isinstance(condition, Deferred):
            return self._deferred(condition)
        answers = {truth(value) for value in self._values(condition)}
        return answers.pop() if len(answers) == 1 else None

    def _deferred(self, condition: Deferred) -> bool | None:
        if condition.op == "not":
            inner = self.outcome(condition.operands[0])
            return None if inner is None else not inner
        if condition.op in ("and", "or"):
            deciding = condition.op == "or"
            answers = [self.outcome(part) for part in condition.operands]
            if deciding in answers:
                return deciding
            return None if None in answers else not deciding
        if condition.op == "compare":
            left, right = condition.operands[:2]
            found = {
                compared(condition.names[0], one, other) for one in self._values(left) for other in self._values(right)
            }
            return found.pop() if len(found) == 1 else None
        return None

    def _values(self, value: Value) -> tuple[Value, ...]:
        """What a value may be. One of which not all is known is itself."""
        if isinstance(value, Alt):
            return tuple(one for part in self._all(value) for one in self._values(part))
        changed = changed_setting(value)
        if changed is not None:
            return tuple(_in_lower_case(one) for one in self._values(changed))
        if not isinstance(value, Setting):
            return (value,)
        if value.how == "env":
            return self._of_environment(value)
        if value.how == "option":
            return self._of_command(value)
        return self._of_files(value) if value.how == "config" else (value,)

    def _all(self, value: Alt) -> tuple[Value, ...]:
        """The alternatives; the first as a whole where more commands give values than are kept."""
        options = [part for part in value.values if isinstance(part, Setting) and part.how == "option"]
        return value.values if len(options) < MOST_VALUES else (self._machine.pool.unknown,)

    def _of_files(self, setting: Setting) -> tuple[Value, ...]:
        """What files say, or the default where they say nothing."""
        settings = self._machine.settings
        found = settings.found(setting)
        if found:
            nothing = all(entry.kind == "null" for entry in found)
            return settings.values(setting) or ((Scalar(False, None, found[0].at),) if nothing else (setting,))
        known = settings.is_known(setting) and setting.default is not None
        return (setting.default,) if known and setting.default is not None else (setting,)

    def _of_environment(self, setting: Setting) -> tuple[Value, ...]:
        """What all places give a variable, and its default; nobody knows it where one passes it through."""
        given = self.variables(setting.name)
        if not given or any(one.value is None or any(sign in one.value for sign in _OPEN) for one in given):
            return (setting,)
        found: list[Value] = [Text(False, (one.value,) if one.value else (), (one.at,), "text") for one in given]
        return (*found, setting.default) if setting.default is not None else tuple(found)

    def _of_command(self, setting: Setting) -> tuple[Value, ...]:
        """What a command gives, or the default: of a script that commands run whose words are all known."""
        if setting.default is None or not self._machine.command_lines.told(setting.place[0]):
            return (setting,)
        return (setting.default,)

    # --- who sets it ------------------------------------------------------------------------------------------

    def variables(self, name: str) -> tuple[Variable, ...]:
        """The places that set a variable."""
        if self._variables is None:
            self._variables = defaultdict(list)
            for one in variables(self._machine.program):
                if one.scope != DECLARED:
                    self._variables[one.name].append(one)
        return tuple(self._variables.get(name, ()))

    def set_at(self, setting: Setting) -> Iterator[tuple[str, Place]]:
        """The places that give a setting its value, in words."""
        if setting.how == "config":
            yield from ((f"setting: {word(setting)}", one.at) for one in self._machine.settings.chosen(setting))
            return
        if setting.default is not None and setting.place[0] >= 0:
            yield f"default: {setting.name}", setting.place
        if setting.how == "env":
            yield from ((f"variable: {one.name}", one.at) for one in self.variables(setting.name))
        else:
            yield from (("command", at) for at in self._machine.command_lines.told(setting.place[0]))

    def may_differ(self, setting: Setting) -> bool:
        """Whether something else may set it: code that stores it, or names it where nobody follows it."""
        if setting.how == "config":
            files = self._machine.settings
            layers = files.layers(setting.file, setting.loaded) if setting.file is not None and not setting.open else ()
            return not layers or any(not layer.chosen for layer in layers) or not setting.keys
        own = {one.place for one in self._machine.pool.settings() if one.name == setting.name}
        return any(
            not any(place[0] == other and place[1] <= at <= place[2] for place in own)
            for other, at in self._named(setting.name)
        ) or (setting.how == "option" and self._is_looked_up(setting.place[0]))

    def is_free(self, setting: Setting) -> bool:
        """Whether somebody may well set it by hand: an option of a command, a variable that pages tell of, that a file
        to be filled in holds, or that only one file sets."""
        if setting.how != "env":
            return setting.how == "option"
        paths = {self._machine.program.sources[one.at[0]].path for one in self.variables(setting.name)}
        held = any(is_env_file(path) or is_template(path) for path in paths)
        return held or len(paths) < _FEWEST_FILES or setting.name in self._told

    def _is_looked_up(self, file: int) -> bool:
        """Whether a file reaches into objects by names that are not written out, and so may set any option."""
        return file in self._machine.noted.searched or bool({"setattr", "vars", "__dict__"} & self._loads(file))

    def _loads(self, file: int) -> set[str]:
        program = self._machine.program
        units = range(program.first[file], program.first[file] + len(program.facts[file].units))
        return {getattr(step, "name", "") for unit in units for step in program.body(unit)}

    def _named(self, name: str) -> Iterable[tuple[int, int]]:
        """Where code other than tests has a text that is, or holds, the name."""
        if self._words is None:
            self._words, program = defaultdict(list), self._machine.program
            for unit in range(len(program.units)):
                for _, step in program.each(unit, Const) if not self._machine.is_test(unit) else ():
                    if isinstance(step.value, str) and len(step.value) <= LONGEST:
                        for said in step.value.split():
                            self._words[said.partition("=")[0]].append((program.file_of[unit], step.start))
            for file, facts in enumerate(program.facts):
                for magic in facts.magics:
                    for said in magic.text.split():
                        self._words[said.partition("=")[0]].append((file, -1))
        return self._words.get(name, ())


def settings_of(condition: Value) -> Iterator[Setting]:
    """The settings that a condition asks."""
    changed = changed_setting(condition)
    if changed is not None or (isinstance(condition, Setting) and condition.how in _HOLDS):
        yield changed or condition  # type: ignore[misc]
    for part in condition.operands if isinstance(condition, Deferred) else ():
        yield from settings_of(part)
    for part in condition.values if isinstance(condition, Alt) else ():
        yield from settings_of(part)


def word(setting: Setting) -> str:
    """What a setting is called where it is set."""
    return ".".join(setting.keys) if setting.how == "config" else setting.name


def spelled(condition: Value) -> str:
    """A condition in words."""
    setting = next(settings_of(condition), None) if not isinstance(condition, Deferred) else None
    if setting is not None:
        return word(setting)
    if isinstance(condition, Deferred) and condition.op == "not":
        return f"not {spelled(condition.operands[0])}"
    if isinstance(condition, Deferred) and condition.op in ("and", "or"):
        return f" {condition.op} ".join(map(spelled, condition.operands[:2]))
    if isinstance(condition, Deferred) and condition.op == "compare":
        left, right = map(spelled, condition.operands[:2])
        return f"{left} {condition.names[0]} {right}"
    if isinstance(condition, Sequence) and not condition.rest:
        return f"({', '.join(map(spelled, condition.items))})"
    known = condition.value if isinstance(condition, Scalar) else literal(condition)
    return repr(known) if isinstance(condition, Scalar) or known is not None else "..."


def _in_lower_case(value: Value) -> Value:
    """A text as a method of texts leaves it: which one is not kept, and case is what they change."""
    text = literal(value)
    return value if text is None else Text(False, (text.strip().lower(),), (), "text")
