"""Read-only questions about names of models and data sets, at a hub or in a registry, that stand in several places of
the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mldebt.graph.code import MENTION, REGISTERED, Literal
from mldebt.graph.graph import Graph
from mldebt.graph.settings_in_code import FEWEST_IN_FOLDER, Repeated
from mldebt.roles import Confidence
from mldebt.source import Purpose


def hub_names(literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Names that several files of one project load from a hub: whoever tries another model looks for all of them. One
    file of code beside notebooks is a hint."""
    groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.role == "hub" and any(map(str.isalnum, one.value)):  # what joins an owner and a name is neither
            groups[one.component, one.value].setdefault(one.at, one)
    for (_, name), found in sorted(groups.items()):
        ones = tuple(found.values())
        files, code = ({one.at.path for one in some} for some in (ones, (one for one in ones if not one.at.cell)))
        if len({(one.at.path, one.at.cell, one.at.line) for one in ones}) >= FEWEST_IN_FOLDER and len(files) > 1:
            sure = Confidence.LIKELY if len(code) > 1 else Confidence.HINT
            yield Repeated("hub", name, "The name at a hub", name, ones, sure)


def registered_names(spelled: Iterable[Literal], literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Names of registered models that several files of code spell, one of them where no setting is. The registry binds
    them: where one file registers the model and another loads it, both have to name the same one. `spelled` are all
    texts that name one, those in settings too."""
    loose = {(one.at, one.value) for one in literals if one.role == REGISTERED}
    groups: dict[str, list[Literal]] = defaultdict(list)
    for one in spelled:
        groups[one.value].append(one)
    for name, found in sorted(groups.items()):
        writing, reading = ({one.at.path for one in found if one.name == does} for does in ("written", "read"))
        meet = any({path} != writing for path in reading) and bool(writing)
        if len(writing | reading) > 1 and any((one.at, name) in loose for one in found):
            ones = tuple({one.at: replace(one, role=MENTION) if one.at.cell else one for one in found}.values())
            code = {one.at.path for one in ones if not one.at.cell}
            sure = Confidence.LIKELY if meet and len(code) > 1 else Confidence.HINT
            yield Repeated("registered", name, "The registered model", name, ones, sure)


def names_in_registries(graph: Graph) -> tuple[Literal, ...]:
    """The texts of production code that name a model in a registry."""
    return tuple(one for one in graph.code.literals if one.role == REGISTERED and one.purpose is Purpose.PRODUCTION)
