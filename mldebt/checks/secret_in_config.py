"""A credential that stands in code, settings, commands or the output of a notebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mldebt.findings import Hit, Severity
from mldebt.graph import Graph, Secret
from mldebt.roles import Confidence
from mldebt.source import Purpose
from mldebt.trail import MAX_STOPS, Stop

_WORDS, _HASHED = frozenset({"weak", "plain"}), "hashed"
_OPEN_TO_ALL, _NAMED = "opened", 3
_MOST_OF_ONE_NAME = 3
_OPEN = frozenset({Purpose.PRODUCTION, Purpose.ASIDE})
"""What is put aside opens what it opened before."""
_ORDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.HINT)


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each credential, with all places where it stands; those that one output shows, those of one form
    or one name in one file, and those that open the services of one compose file are told together."""
    groups: dict[tuple[str, str], list[Secret]] = defaultdict(list)
    for one in _weighed(graph.code.secrets):
        if one.purpose in _OPEN:
            groups[one.form or "named", one.mark].append(one)
    beside: dict[tuple[str, int, str, bool], list[list[Secret]]] = defaultdict(list)
    for _, found in sorted(groups.items()):
        found.sort(key=lambda one: (_ORDER.index(_sureness(one)), one.where == "output", one.at))
        first, shown = found[0], found[0].where == "output"
        unsure = _sureness(first) is Confidence.HINT
        if first.opened and _variant(first) == _OPEN_TO_ALL:
            beside[first.at.path, -1, _OPEN_TO_ALL, unsure].append(found)
        elif unsure and not (shown or first.form):
            yield _hit([found])
        else:
            form, cell = ("", first.at.cell) if shown else (first.form or f"={first.name}", -1)
            beside[first.at.path, cell, form, unsure].append(found)
    for _, ones in sorted(beside.items()):
        yield _hit(sorted(ones, key=lambda places: (_ORDER.index(_sureness(places[0])), places[0].at)))


def _weighed(secrets: Iterable[Secret]) -> Iterator[Secret]:
    """Those of one name or form of which an output shows many, each time another, name what happened, or are those of a
    page that was fetched: they open nothing of ours."""
    ones = tuple(secrets)
    marks: dict[tuple[str, int, str], set[str]] = defaultdict(set)
    for one in ones:
        if one.where == "output":
            marks[one.at.path, one.at.cell, _what(one)].add(one.mark)
    for one in ones:
        many = len(marks.get((one.at.path, one.at.cell, _what(one)), ())) > _MOST_OF_ONE_NAME
        yield replace(one, strength="weak") if many and one.where == "output" else one


def _hit(credentials: list[list[Secret]]) -> Hit:
    """A hit for credentials, each with its places, of which the first one is reported."""
    first, *others = [places[0] for places in credentials] + [one for places in credentials for one in places[1:]]
    sure = _sureness(first)
    return Hit(
        at=first.at,
        details={
            "what": _names([places[0] for places in credentials]), "path": first.at.path,
            "consumer": _services(credentials),
        },
        keys=(first.form, first.name),
        confidence=sure,
        symbol=first.symbol,
        related=(*_ports(credentials), *(Stop(one.at, f"again: {_what(one)}") for one in others))[:MAX_STOPS],
        severity=Severity.WARNING if sure is Confidence.HINT else None,
        variant=_variant(first),
    )  # fmt: skip


def _variant(one: Secret) -> str:
    if one.strength == _HASHED:
        return _HASHED
    if one.where == "output":
        return "shown"
    tried = one.local or one.strength in _WORDS
    return _OPEN_TO_ALL if tried and one.opened else "local" if tried else ""


def _sureness(one: Secret) -> Confidence:
    """A known form is a credential by itself; words, what serves one machine, and what shows a form may be none, unless
    others can reach what they open. A hash opens nothing: whoever has it still has to guess."""
    if one.opened and one.strength != _HASHED:
        return Confidence.LIKELY
    if one.local or one.example or one.strength in _WORDS or one.strength == _HASHED:
        return Confidence.HINT
    return Confidence.CERTAIN if one.strength == "known" else Confidence.LIKELY


def _names(ones: list[Secret]) -> str:
    names = list(dict.fromkeys(_what(one) for one in ones))
    if len(names) == 1 and len(ones) > 1:
        return f"{names[0]} with {len(ones)} values"
    return names[0] + (f" and {len(ones) - 1} more" if len(ones) > 1 else "")


def _what(one: Secret) -> str:
    return one.form or f"secret {one.name}"


def _services(credentials: Iterable[list[Secret]]) -> str:
    """The services that the credentials open."""
    found = dict.fromkeys(one.service for places in credentials for one in places if one.opened)
    named = list(found)
    return ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED} more" if len(named) > _NAMED else "")


def _ports(credentials: Iterable[list[Secret]]) -> Iterator[Stop]:
    """The ports behind which they let one in, each once."""
    opened = dict.fromkeys((one.opened, one.service) for places in credentials for one in places)
    yield from (Stop(at, f"port opened: {service}") for at, service in opened if at is not None)
