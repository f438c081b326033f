"""Read-only questions about names of models and data sets at a hub that stand in several places of the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.graph.code import Literal
from mldebt.graph.settings_in_code import FEWEST_IN_FOLDER, Repeated
from mldebt.roles import Confidence


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
