"""What a run comes to before it is laid beside what is known, and how it is kept for the next run.

It is kept by the very facts, words, rows and settings it was made of, and by all of mldebt's own code: where any of
them is another, it is made anew. So nothing is told from one file that another has made wrong since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import msgspec

from mldebt import rulebook
from mldebt.cards import HINTED, Card, shipped
from mldebt.config import Config
from mldebt.findings import Finding, Hit, Stats
from mldebt.gather import edition
from mldebt.gather.cache import Cache
from mldebt.gather.facts_file import plain
from mldebt.gather.owners import Owners
from mldebt.gather.snapshot import Snapshot
from mldebt.graph.aside import aside
from mldebt.reading import Reading
from mldebt.roles import Confidence
from mldebt.source import Problem
from mldebt.suppress import comments, exemptions


class Verdict(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All findings of a run, those marked that comments and configurations hide, and what is `told` of such excuses;
    and of the linking, which it stands for, the problems, the counts, and whether nothing is missing."""

    findings: tuple[Finding, ...]
    told: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    stats: Stats
    complete: bool


def applied(asked: Config) -> frozenset[str]:
    """The slugs of the rules that a configuration asks for. Raises UnknownRule."""
    cards = rulebook.chosen(shipped(), asked.profile, asked.select, asked.ignore)
    return frozenset(card.slug for card in cards)


def judged(reading: Reading, configs: Mapping[str, Config], today: date | None) -> Verdict:
    """What the rules find in what was read, and what comments and configurations say to it. `configs` are what is asked
    of the repositories, by their names. Raises what checks raise."""
    wanted = {name: applied(asked) for name, asked in configs.items()}
    cards, slugs = shipped(), frozenset[str]().union(*wanted.values())
    out_of_force = aside(reading.graph)

    def weighed(card: Card, hit: Hit) -> Hit | None:
        if card.slug not in wanted[_owner(configs, hit.at.path)]:
            return None
        weak = out_of_force.weakens(hit.files, hit.at, trials_too=card.in_trials == HINTED)
        return replace(hit, confidence=Confidence.HINT) if weak else hit

    found = rulebook.run(rulebook.rules(cards[slug] for slug in slugs), reading.graph, weighed)
    owners = Owners(reading.owners)
    found = tuple(replace(finding, owners=owners.of(finding.at.path)) for finding in found)
    found, used = comments.excused(found, reading.excuses)
    names = slugs.union(cards[slug].family for slug in slugs)
    scope = exemptions.Scope(reading.graph, reading.paths, names, today)
    found, idle = exemptions.excused(found, configs.items(), scope)
    unused = comments.unused(reading.excuses, used, slugs)
    return Verdict(found, (*unused, *idle), reading.problems, reading.stats, reading.complete)


def _owner(names: Iterable[str], path: str) -> str:
    """The name of the repository that a path belongs to."""
    some = tuple(names)
    return next((name for name in some if name and path.startswith(f"{name}/")), some[0])


_encoder = msgspec.msgpack.Encoder(enc_hook=plain)
_decoder = msgspec.msgpack.Decoder(Verdict)


def recalled(cache: Cache, key: bytes) -> Verdict | None:
    """The verdict that was kept under a key; None for a miss."""
    data = cache.get(key) if key else None
    try:
        return None if data is None else _decoder.decode(data)
    except (msgspec.DecodeError, ValueError):
        return None


def keep(cache: Cache, key: bytes, verdict: Verdict) -> None:
    """Keeps a verdict, if nothing is missing in it."""
    if key and verdict.complete:
        cache.put(key, _encoder.encode(verdict))


def key_of(
    snapshots: Mapping[str, Snapshot], configs: Mapping[str, Config], environment: str, today: date | None
) -> bytes:
    """The key of the verdict on repositories, by their names; empty where they hold what cannot be kept. `configs` are
    what is asked of them, `today` the day on which exceptions hold."""
    digest = hashlib.blake2b(key=edition.whole(), digest_size=16)
    try:
        for name, snapshot in snapshots.items():
            asked = configs[name]
            holding = [one.holds_on(today) for one in asked.exceptions]
            rest = msgspec.structs.replace(snapshot, config=_deciding(snapshot.config), files=())
            said = (name, environment, _deciding(asked), holding, len(snapshot.files), rest)
            digest.update(_encoder.encode(said))
            for file in snapshot.files:
                digest.update(_encoder.encode(file))
    except UnicodeEncodeError:  # a path that is no text
        return b""
    return digest.digest()


def _deciding(config: Config) -> Config:
    """The configuration without what decides only how files are read and what is shown."""
    return replace(
        config, workers=0, file_timeout=0.0, fail_level="", min_confidence=Confidence.HINT, allow_incomplete=False,
        notes=(),
    )  # fmt: skip
