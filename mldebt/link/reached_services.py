"""Services of compose files that can be asked from other machines, with what stands in the file for each of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt.credentials import load
from mldebt.declarations import Setting

_TOP, _PORTS, _PUBLISHED, _HOST, _WAITS, _IMAGE = "services", "ports", "published", "host_ip", "depends_on", "image"
_PORT = 4  # keys that lead to one: services, its name, ports, a number
_LOOPBACK = re.compile(r"^(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?):")
_DONE = "service_completed_successfully"


@dataclass(frozen=True, slots=True)
class Opened:
    """A port that a compose file opens to other machines: for which service, and where that is said."""

    service: str
    start: int
    end: int


class ReachedServices:
    """One compose file. A port that is bound to the machine itself is reached by nobody else."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        self._settings = sorted(settings, key=lambda one: one.start)

    def opened_for(self, name: str, place: int) -> Opened | None:
        """The port behind which the value of `name` at a place makes one the administrator: that of the service which
        is given the value, or of one that this service makes ready."""
        said = [one for one in self._settings if one.start <= place]
        given = [one for one in said if one.start == said[-1].start]
        table = load()
        if name not in table.admits and not any(words in (one.value or "") for one in given for words in table.making):
            return None
        services = [one.key[1] for one in given if one.key[0] == _TOP and len(one.key) > 1]
        reached = (self._opened.get(other) for one in services for other in (one, *self._made_ready.get(one, ())))
        return next((one for one in reached if one is not None), None)

    @cached_property
    def _opened(self) -> Mapping[str, Opened]:
        found: dict[str, Opened] = {}
        ports = [(service, one) for service, one in self._of_services() if one.key[2] == _PORTS]
        here = {one.key[:-1] for _, one in ports if one.key[-1] == _HOST and _LOOPBACK.match(f"{one.value}:")}
        for service, one in ports:
            plain = len(one.key) == _PORT and ":" in (one.value or "") and not _LOOPBACK.match(one.value or "")
            if plain or (one.key[-1] == _PUBLISHED and one.key[:-1] not in here):
                found.setdefault(service, Opened(service, one.start, one.end))
        return found

    @cached_property
    def _made_ready(self) -> Mapping[str, Sequence[str]]:
        """The services that start when another one is done, or that run the same program as it."""
        found: dict[str, list[str]] = defaultdict(list)
        programs: dict[str, list[str]] = defaultdict(list)
        for service, one in self._of_services():
            if one.key[2] == _WAITS and one.value == _DONE:
                found[one.key[3]].append(service)
            if one.key[2] == _IMAGE and one.value:
                programs[one.value].append(service)
        for together in programs.values():
            for service in together:
                found[service] += together
        return found

    def _of_services(self) -> Iterator[tuple[str, Setting]]:
        for one in self._settings:
            if one.key[0] == _TOP and len(one.key) > 2:
                yield one.key[1], one
