"""What a setup.py asks for: the lists in its call of `setup`, read from the steps and never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mldebt.extract.requirement import standard
from mldebt.extract.requirement_lines import Asked
from mldebt.facts import NONE, Call, Collection, Const, FileFacts, Load, Step, steps

_MAIN = "install_requires"
_EXTRAS = "extras_require"


def setup_requirements(facts: FileFacts) -> Asked:
    """The requirements that are written out as texts; `open` where some are worked out by code."""
    asked = Asked()
    bodies = [steps(unit) for unit in facts.units]
    exports = dict(facts.units[0].exports) if facts.units else {}
    for body in bodies:
        for step in body:
            for argument in step.arguments if isinstance(step, Call) else ():
                if argument.name == _MAIN:
                    _listed(asked, *_followed(body, argument.value, bodies[0], exports), "")
                elif argument.name == _EXTRAS:
                    _extras(asked, *_followed(body, argument.value, bodies[0], exports))
    return asked


def _followed(
    body: Sequence[Step], value: int, module: Sequence[Step], exports: dict[str, int]
) -> tuple[Sequence[Step], int]:
    """Where a value is made; a name of the module is looked up there."""
    step = body[value] if value != NONE else None
    if isinstance(step, Load) and step.name in exports:
        return module, exports[step.name]
    return body, value


def _listed(asked: Asked, body: Sequence[Step], value: int, group: str) -> None:
    step = body[value] if value != NONE else None
    if not isinstance(step, Collection) or step.kind not in ("list", "tuple"):
        asked.open = True
        return
    for item in step.items:
        text = body[item] if item != NONE else None
        if isinstance(text, Const) and isinstance(text.value, str) and not text.kind:
            asked.add(standard(text.value, text.start, text.end, group), text.start)
        else:
            asked.open = True


def _extras(asked: Asked, body: Sequence[Step], value: int) -> None:
    step = body[value] if value != NONE else None
    if not isinstance(step, Collection) or step.kind != "dict":
        asked.open = True
        return
    for name, item in _pairs(body, step):
        _listed(asked, body, item, f"extra:{name}")


def _pairs(body: Sequence[Step], step: Collection) -> Iterator[tuple[str, int]]:
    for key, item in zip(step.keys, step.items, strict=False):
        name = body[key] if key != NONE else None
        yield (str(name.value) if isinstance(name, Const) else "?"), item
