"""What the configuration excuses: findings in files that `per-file-ignores` name, and those that `exceptions` mean.

As with a comment, any place of a finding can excuse it, and what excuses nothing is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from mldebt.config import Config
from mldebt.exemptions import Exemption, FileIgnore
from mldebt.findings import Finding
from mldebt.graph import Graph
from mldebt.graph.called import KINDS, Called, called, names
from mldebt.patterns import compile_patterns
from mldebt.source import Problem, Span

FILES = "per-file-ignores"
EXCEPTION = "exception"
CODE = "suppression"


@dataclass(frozen=True, slots=True)
class Scope:
    """What configurations can speak of: the graph, the paths of all files, the rules and families that were applied,
    and the day on which this is asked (None: whatever the day)."""

    graph: Graph
    paths: Collection[str]
    applied: Collection[str]
    today: datetime.date | None = None


def excused(
    findings: Iterable[Finding], configs: Iterable[tuple[str, Config]], scope: Scope
) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """The findings, those marked that the configuration of their repository excuses, and what is to be said of excuses
    that are over or hide nothing. `configs` go by the names of repositories, empty for the only one."""
    found = tuple(findings)
    hidden: dict[str, str] = {}
    told: list[Problem] = []
    for name, config in configs:
        own = [one for one in found if one.at.path.startswith(_inside(name))]
        for ignore in config.file_ignores:
            meant = _meant(ignore, name)
            fitting = [one for one in own if _is_of(one, ignore.rules) and any(meant(at.path) for at in one.places)]
            hidden.update((one.fingerprint, FILES) for one in fitting)
            told += _idle(ignore, name, scope, any(map(meant, scope.paths)), fitting)
        for exception in config.exceptions:
            if not exception.holds_on(scope.today):
                told.append(_over(exception, name))
                continue
            fitting = list(_about(exception, name, scope, own))
            hidden.update((one.fingerprint, EXCEPTION) for one in fitting)
            if not fitting and set(exception.rules) <= set(scope.applied):
                told.append(_stale(exception, name, scope))
    return tuple(_marked(one, hidden.get(one.fingerprint, "")) for one in found), tuple(sorted(told))


def _marked(finding: Finding, by: str) -> Finding:
    return replace(finding, suppressed=True, suppressed_by=by) if by and not finding.suppressed else finding


def _meant(ignore: FileIgnore, name: str) -> Callable[[str], bool]:
    """Whether a path of the repository `name` is one of those that are meant."""
    patterns, inside = compile_patterns([ignore.pattern])[0], _inside(name)
    return lambda path: path.startswith(inside) and patterns.decide(path.removeprefix(inside)) is True


def _idle(
    ignore: FileIgnore, name: str, scope: Scope, is_here: bool, fitting: Sequence[Finding]
) -> Iterator[Problem]:
    """What is to be said of a pattern that fits no file, or of its rules that hide nothing."""
    at = _placed(ignore.at, name)
    if not is_here:
        yield Problem(at, CODE, f"{FILES} names {ignore.pattern!r}, and no file is called so", "mend it, or remove it")
        return
    for rule in ignore.rules:
        if rule in scope.applied and not any(_is_of(one, [rule]) for one in fitting):
            text = f"nothing is found in {ignore.pattern!r} that {rule} would hide"
            yield Problem(at, CODE, text, f"remove {rule} from {FILES}")


def _about(one: Exemption, name: str, scope: Scope, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of which an exception speaks: those that are named, or have a place where the thing stands or is
    used."""
    things = _things(one, name, scope)

    def is_meant(finding: Finding) -> bool:
        if one.subject not in KINDS:
            return finding.fingerprint == one.name
        is_named = any(key in things.names or one.fits(key) for key in finding.keys)
        return is_named or any(map(things.stands_in, finding.places))

    return (finding for finding in findings if _is_of(finding, one.rules) and is_meant(finding))


def _stale(one: Exemption, name: str, scope: Scope) -> Problem:
    text, cure = f"nothing is found of the {one.subject} {one.name!r} that this exception would hide", "remove it"
    if one.subject in KINDS and not _things(one, name, scope):
        known = {word for node in scope.graph.nodes(*KINDS[one.subject]) for word in names(scope.graph, node, name)}
        near = get_close_matches(one.name, sorted(known), 1, 0.7)
        text = f"no {one.subject} here is called {one.name!r}, of which this exception speaks"
        cure = f"did you mean {near[0]!r}?" if near else "mend its name, or remove it"
    return Problem(_placed(one.at, name), CODE, text, cure)


def _things(one: Exemption, name: str, scope: Scope) -> Called:
    """The things of the graph that an exception means."""
    if one.subject not in KINDS:
        return Called(frozenset(), frozenset())
    return called(scope.graph, one.subject, one.fits, name)


def _over(one: Exemption, name: str) -> Problem:
    text = f"this exception of the {one.subject} {one.name!r} was good until {one.until}, and holds no more"
    return Problem(_placed(one.at, name), CODE, text, "mend what it excused, or give it a new day")


def _is_of(finding: Finding, rules: Collection[str]) -> bool:
    """Whether a finding is one of these rules or families."""
    return finding.rule in rules or finding.family in rules


def _inside(name: str) -> str:
    return f"{name}/" if name else ""


def _placed(at: Span, name: str) -> Span:
    return replace(at, path=_inside(name) + at.path)
