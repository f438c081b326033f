"""Why a rule reports nothing at a place, as text."""

from __future__ import annotations

from collections.abc import Sequence

from mldebt.cards import Card
from mldebt.graph.known_at import Known
from mldebt.render.options import Options
from mldebt.render.safe import finish, visible
from mldebt.render.terminal import NARROWEST, wrapped

MOST_KNOWN = 20
LONGEST = 120


def render(card: Card, premises: Sequence[str], known: Sequence[Known], inside: str, options: Options) -> str:
    """The premises that fail, what is known of the line, which stands inside of a function or class, and what the rule
    `card` asks for."""
    width = max(options.width, NARROWEST)
    lines = [line for premise in premises for line in wrapped(visible(premise), " ", width)]
    where = f" (inside {visible(inside)})" if inside else ""
    lines += ["", f" What the graph knows of this line{where}:", *_known(known), ""]
    lines += wrapped(f"What {card.slug} sees: {card.what}", " ", width)
    if card.not_when:
        lines += ["", *wrapped(f"It is quiet when: {card.not_when}", " ", width)]
    return finish("\n".join(lines), options.ascii, options.in_actions)


def _known(known: Sequence[Known]) -> list[str]:
    shown = known[:MOST_KNOWN]
    width = max((len(one.kind) for one in shown), default=0)
    lines = [f"   {one.kind:<{width}}  {visible(one.text)[:LONGEST]}" for one in shown]
    more = len(known) - len(shown)
    return [*lines, *([f"   and {more} more"] if more else [])] or ["   nothing: no data, model, setting or flag"]
