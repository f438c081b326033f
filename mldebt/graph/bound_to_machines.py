"""Read-only questions about literals that hold for one machine or network: absolute paths, buckets, hosts."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.graph.code import IN_A_CONTAINER, ON_A_MOUNT, Literal
from mldebt.graph.homes import is_of_everybody
from mldebt.graph.settings_in_code import OF_A_MACHINE, Repeated
from mldebt.roles import Confidence

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
_TO_FILL = frozenset({"my", "your"})
"""Words in the name of a bucket that whoever takes the code over puts their own in the place of."""


def machine_bound(accounts: frozenset[str], literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Absolute paths of one machine, buckets, and hosts that only one network knows."""
    groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.name == ON_A_MOUNT:
            groups["mount", _store(one.value)].setdefault(one.at, one)
        elif one.role == "path" and OF_A_MACHINE.match(one.value) and not _is_everywhere(one):
            groups["path", _top(one.value)].setdefault(one.at, one)
        elif one.role == "bucket" and one.name == "bucket" and not _is_to_fill(one.value):
            groups["bucket", one.value].setdefault(one.at, one)
        elif one.role in ("url", "bucket") and (found := _SCHEME.match(one.value)):
            kind, name = _host(found["scheme"].lower(), found["rest"])
            if kind:
                groups[kind, name].setdefault(one.at, one)
    words = {"path": "A path of one machine", "mount": "The store", "bucket": "The bucket", "host": "The host"}
    for (kind, name), places in sorted(groups.items()):
        ones = tuple(places.values())
        # A machine's own name is right on every machine; a bucket that one constant holds has one home, and one that
        # no call takes is not known to be used.
        held = bool(ones[0].constant) or not ones[0].callee
        alone = len(ones) == 1 and (kind == "host" or (kind in ("bucket", "mount") and held))
        alone = alone or (kind == "path" and is_of_everybody(name, accounts))
        alone = alone or (kind == "host" and _OWN.match(name) is not None) or (kind == "bucket" and _is_one_file(ones))
        value = name if kind != "path" else _common(ones)
        yield Repeated(kind, name, words[kind], value, ones, Confidence.HINT if alone else Confidence.CERTAIN)


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


def _host(scheme: str, rest: str) -> tuple[str, str]:
    place = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    name = re.sub(r":\d*$", "", place)
    begins = (name == rest and name.endswith(("-", "_", "."))) or rest == f"{name}:"
    if not any(mark.isalnum() for mark in name) or "{" in name or begins:
        return "", ""  # the code puts the rest of the name, or the port, behind it
    if scheme in _STORES:
        return ("", "") if name != name.lower() or _is_to_fill(name) else ("bucket", name)
    if _OF_A_PLATFORM.match(name):
        return "", ""
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
