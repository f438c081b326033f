"""Read-only questions about literals that hold for one machine or network: absolute paths, buckets, hosts."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mldebt.graph.code import IN_A_CONTAINER, OF_A_SERVICE, ON_A_MOUNT, Literal
from mldebt.graph.graph import Graph
from mldebt.graph.homes import is_of_everybody
from mldebt.graph.settings import DefinedSetting
from mldebt.graph.settings_in_code import OF_A_MACHINE, Repeated
from mldebt.roles import Confidence
from mldebt.source import Purpose

_STORE = 5  # parts of a path, the one before the first slash too
_OF_A_SYSTEM = re.compile(
    r"^[A-Za-z]:[\\/](?:windows|program files(?: \(x86\))?|programdata|users[\\/](?:default|public))(?:[\\/]|$)", re.I
)
"""Folders that every machine with this system has."""
_TO_BE_FILLED_IN = re.compile(r"[\\/]path[\\/]to(?:[\\/]|$)", re.I)
_LOCAL = re.compile(r"^(?:localhost|127\.0\.0\.1|(?:\d{1,3}\.){3}\d{1,3}|.*\.(?:local|internal|lan|corp))$")
_OF_A_PLATFORM = re.compile(r"^(?:169\.254\.\d+\.\d+|metadata\.[a-z]+\.internal|host\.docker\.internal)$")
"""Names and addresses under which every machine of a platform finds the platform itself."""
_OWN = re.compile(r"^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::|$)")
_SCHEME = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
_PUBLIC = frozenset({"http", "https", "ftp", "ws", "wss"})
_SERVERS = frozenset(
    {"postgres", "postgresql", "mysql", "mariadb", "mssql", "oracle", "clickhouse", "hive", "trino", "presto", "jdbc",
     "mongodb", "redis", "rediss", "amqp", "amqps", "kafka", "nats", "mqtt", "bolt", "neo4j", "elasticsearch",
     "hdfs", "webhdfs", "grpc", "tcp", "udp", "spark", "ray", "ssh", "sftp", "smb", "nfs", "ldap"}
)  # fmt: skip
"""What stands behind these schemes is a server that one network knows; other schemes name things, not hosts."""
_STORES = frozenset(
    {"s3", "s3a", "s3n", "gs", "gcs", "az", "abfs", "abfss", "oss", "cos", "wasb", "wasbs", "dbfs"}
)
_HALF_ASKED = re.compile(r"\{\}[^/]*@")
_WORDS = MappingProxyType({
    "path": "A path of one machine", "mount": "The store", "bucket": "The bucket", "host": "The host",
    "service": "The host", "nearby": "The host",
})  # fmt: skip
_ADDRESSES = frozenset({"host", "service", "nearby"})
_MARKS = frozenset("{%")
"""What stands in a text where code puts something in."""
_TO_FILL = frozenset({"my", "your"})
"""Words in the name of a bucket that whoever takes the code over puts their own in the place of."""


def machine_bound(
    accounts: frozenset[str], held: Mapping[str, Held], literals: Iterable[Literal]
) -> Iterator[Repeated]:
    """Absolute paths of one machine, buckets, and hosts that only one network knows. `held` are the settings that say
    where a server of the system is, by its port."""
    groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.name == ON_A_MOUNT:
            groups["mount", _store(one.value)].setdefault(one.at, one)
        elif one.role == "path" and OF_A_MACHINE.match(one.value) and not _is_everywhere(one):
            groups["path", _top(one.value)].setdefault(one.at, one)
        elif one.role == "bucket" and one.name == "bucket" and not _is_to_fill(one.value):
            groups["bucket", one.value].setdefault(one.at, one)
        elif one.role in ("url", "bucket") and (found := _SCHEME.match(one.value)):
            kind, name = _host(found["scheme"].lower(), found["rest"], of_service=one.name == OF_A_SERVICE)
            if kind and not (kind == "nearby" and _passed_over(name, one, held) is None):
                groups[kind, name].setdefault(one.at, one)
    for (kind, name), places in sorted(groups.items()):
        ones = tuple(places.values())
        yield _found(kind, name, ones, held if kind in _ADDRESSES else {}, accounts)


def _found(
    kind: str, name: str, ones: tuple[Literal, ...], addresses: Mapping[str, Held], accounts: frozenset[str]
) -> Repeated:
    """What is bound to a machine. A machine's own name is right on every machine, unless a setting says where the
    server is, or who asks for it; a bucket that one constant holds has one home, and one that no call takes is not
    known to be used."""
    home = next(filter(None, (_passed_over(name, one, addresses) for one in ones)), None)
    asked = home is None and name.rpartition(":")[2] in addresses  # it stands in where the setting says nothing
    held = bool(ones[0].constant) or not ones[0].callee
    alone = len(ones) == 1 and (kind == "host" or (kind in ("bucket", "mount") and held))
    alone = alone or (kind == "service" and asked) or (kind == "path" and is_of_everybody(name, accounts))
    alone = alone or (kind == "host" and _OWN.match(name) is not None) or (kind == "bucket" and _is_one_file(ones))
    alone = alone and not (kind == "host" and any(_HALF_ASKED.search(one.value) for one in ones))
    sure = Confidence.HINT if alone else Confidence.LIKELY if home else Confidence.CERTAIN
    sure = Confidence.HINT if kind == "nearby" else sure  # what stands on the same machine may well be meant
    value = name if kind != "path" else _common(ones)
    return Repeated(kind, name, _WORDS[kind], value, ones, sure, home=home)


@dataclass(frozen=True, slots=True)
class Held:
    """A setting that says where a server is, and the files of code that ask for it."""

    setting: DefinedSetting
    asked_in: frozenset[str]


def held_addresses(graph: Graph) -> dict[str, Held]:
    """The settings that say where a server of the same machine or network is, by its port; those that nobody has to
    copy first."""
    found: dict[str, Held] = {}
    asked: dict[str, set[str]] = defaultdict(set)
    for read in graph.code.setting_reads:
        asked[read.name].add(read.at.path)
    for one in sorted(graph.code.settings, key=lambda one: (one.template, one.at)):
        address = _SCHEME.match(one.value.strip()) if one.purpose is Purpose.PRODUCTION else None
        place = "" if address is None else _place(address["rest"])
        name, _, port = place.rpartition(":")
        if port.isdigit() and ("." not in name or _LOCAL.match(name) or _OF_A_PLATFORM.match(name)):
            found.setdefault(port, Held(one, frozenset(asked[one.name])))
    return found


def _passed_over(place: str, one: Literal, held: Mapping[str, Held]) -> DefinedSetting | None:
    """The setting that says the address of the same server, for which the file that spells it does not ask."""
    home = held.get(place.rpartition(":")[2])
    if home is None or one.at.path in {home.setting.file, *home.asked_in}:
        return None
    address = _SCHEME.match(home.setting.value.strip())
    there = "" if address is None else _place(address["rest"])
    return home.setting if there == place or (_is_near(there) and _is_near(place)) else None


def _is_near(place: str) -> bool:
    """Whether an address leads to the machine itself, or to a service by its name beside others."""
    name = place.rpartition(":")[0]
    return "." not in name or any(one is not None for one in (_OWN.match(place), _OF_A_PLATFORM.match(name)))


def _is_one_file(literals: tuple[Literal, ...]) -> bool:
    """Whether code only hands on the name of one file, always the same: whose bucket that is nobody here knows."""
    names = {one.value for one in literals}
    return len(names) == 1 and not any(one.callee for one in literals) and "." in posixpath.basename(names.pop())


def _store(path: str) -> str:
    """The store that a path under a mount begins with: a catalog, a schema and a volume, as far as they are said."""
    return "/".join(path.split("/")[:_STORE])


def _is_everywhere(one: Literal) -> bool:
    """Whether a path is the same on every machine, or only shows what one looks like."""
    told = _OF_A_SYSTEM.match(one.value) or _TO_BE_FILLED_IN.search(one.value)
    return told is not None or one.name == IN_A_CONTAINER


def _place(rest: str) -> str:
    """The host with its port of what stands behind the scheme of an address."""
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


def _host(scheme: str, rest: str, *, of_service: bool) -> tuple[str, str]:
    place = _place(rest)
    name = re.sub(r":\d*$", "", place)
    begins = (name == rest and name.endswith(("-", "_", "."))) or rest == f"{name}:"
    if not any(mark.isalnum() for mark in name) or not _MARKS.isdisjoint(name) or begins:
        return "", ""  # the code puts the name in, or the rest of the name, or the port, behind it
    if scheme in _STORES:
        return ("", "") if name != name.lower() or _is_to_fill(name) else ("bucket", name)
    if of_service:
        return "service", place.rstrip(":")
    if _OF_A_PLATFORM.match(name):
        return "nearby", place
    served = scheme.partition("+")[0] in _SERVERS
    if (served and ("." in name or ":" in place)) or (_LOCAL.match(name) and (served or scheme in _PUBLIC)):
        return "host", place.rstrip(":")
    return "", ""


def _is_to_fill(bucket: str) -> bool:
    return not _TO_FILL.isdisjoint(re.split(r"[-_.]", bucket))


def _top(path: str) -> str:
    """What of a path is one machine's: a drive, a mount, or somebody's home."""
    parts = re.split(r"[\\/]+", path)
    of_drive = ":" in parts[0]
    shown = parts[: 2 if parts[0] == "~" or (of_drive and parts[1].lower() != "users") else 3]
    return "/".join(shown).lower() if of_drive else "/".join(shown)  # drives know no capitals


def _common(literals: Iterable[Literal]) -> str:
    """The path where all are the same, else the folder that holds them all."""
    values = sorted({one.value.rstrip("\\/") for one in literals}, key=lambda value: re.split(r"[\\/]+", value.lower()))
    if len(values) == 1:
        return values[0]
    first, last = (re.split(r"[\\/]+", value) for value in (values[0], values[-1]))
    shared = itertools.takewhile(lambda pair: pair[0].lower() == pair[1].lower(), zip(first, last, strict=False))
    joint = "\\" if all("\\" in value for value in values) else "/"
    return joint.join(part for part, _ in shared)
