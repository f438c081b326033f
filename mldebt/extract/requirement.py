"""One requirement as it is written for pip, conda, Poetry or Pipenv, and whether it names one version."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from mldebt.declarations import Requirement

_MOVING = frozenset({"main", "master", "head", "develop", "dev", "trunk", "latest", "nightly"})
_SCHEME = re.compile(r"(?:\w+\+)?(?:https?|ssh|git|hg|svn|bzr|ftp|s3|gs)(?:://|@)|git@")
_HERE = re.compile(r"(?:\w+\+)?file:|\.{0,2}[/\\]|\.\.?$|~|[A-Za-z]:[\\/]")
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)(?:[?#]|$)", re.IGNORECASE)
_NUMBERED = re.compile(r"\d+\.\d")
_REVISION = re.compile(r"(?<!://)(?<=[\w)])@([^@/#?&]+)(?:[#?&]|$)")
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_TEMPLATE = re.compile(r"\$\{?\w|\{\{|\{%|<[\w -]+>")
_ONE_VERSION = re.compile(r"={0,3}\s*v?\d[\w.+!-]*")
_MINOR = re.compile(r"={0,2}\s*\d+\.\d+(?:\.\d+)*\.\*")
_CONDA = re.compile(r"(?:[\w./-]+::)?(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?P<version>[^\w\s\[].*|\d.*)?")
_CONDA_VERSION = re.compile(r"={0,2}\s*v?\d[\w.!+]*(?:\.\*)?(?:=[\w.*]+)?|={1,2}\s*v?\d[\w.]*\*?")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_SPACES = re.compile(r"\s+")


def is_template(text: str) -> bool:
    """Whether something has to be filled in before the text says what is asked for."""
    return _TEMPLATE.search(text) is not None


def is_address(text: str) -> bool:
    """Whether the text is an address of a repository or an archive, or a place on this machine."""
    return bool(_SCHEME.match(text) or _HERE.match(text) or _ARCHIVE.search(text))


def standard(text: str, start: int, end: int, group: str = "", hashed: bool = False) -> Requirement | None:
    """A requirement in the form of pip (PEP 508); None when it is none."""
    try:
        parsed = Parsed(text)
    except InvalidRequirement:
        return None
    marker = str(parsed.marker) if parsed.marker else ""
    if parsed.url:
        at = located(parsed.url, start, end, group)
        return Requirement(parsed.name, "", at.pinned or hashed, start, end, group, marker, at.source, hashed)
    pinned = any(_is_one(one.operator, one.version) for one in parsed.specifier)
    return Requirement(parsed.name, str(parsed.specifier), pinned or hashed, start, end, group, marker, "", hashed)


def located(address: str, start: int, end: int, group: str = "") -> Requirement:
    """What is installed from an address or a folder; its name is empty where the address has none."""
    egg = _EGG.search(address)
    name = egg.group(1) if egg else ""
    if not _SCHEME.match(address):
        return Requirement(name or _file_name(address), "", False, start, end, group, "", "path")
    return Requirement(name or _file_name(address), "", _is_fixed(address), start, end, group, "", "url")


def conda(text: str, start: int, end: int, group: str = "") -> Requirement | None:
    """A requirement in the form of conda: `name=1.2`, `name>=1`, `channel::name 1.2 build`."""
    match = _CONDA.fullmatch(text.strip())
    if match is None:
        return None
    version = (match["version"] or "").strip()
    return Requirement(match["name"], version, _is_conda_pin(version), start, end, group)


def tabular(name: str, version: str, start: int, end: int, group: str = "") -> Requirement:
    """A requirement that is a key with a version, as in Poetry and Pipenv: `1.2.3`, `^1.2`, `*`."""
    version = version.strip()
    bare = version.strip("= ")
    pinned = bool(_ONE_VERSION.fullmatch(version) and bare) or bool(_MINOR.fullmatch(version))
    return Requirement(name, version, pinned, start, end, group)


def is_fixed_revision(revision: str) -> bool:
    """Whether a revision of a repository stays where it is: a commit or a tag, no branch by its name."""
    return bool(revision) and revision.lower() not in _MOVING


def _is_one(operator: str, version: str) -> bool:
    if operator == "===":
        return True
    return operator == "==" and (not version.endswith(".*") or _MINOR.fullmatch(version) is not None)


def _is_conda_pin(version: str) -> bool:
    plain = _SPACES.sub("=", version)
    if not _CONDA_VERSION.fullmatch(plain):
        return False
    return version.startswith("==") or _NUMBERED.search(plain) is not None


def _is_fixed(address: str) -> bool:
    plain = address.partition("#")[0]
    if _ARCHIVE.search(plain):
        name = plain.rpartition("/")[2]
        return bool(_NUMBERED.search(name)) or bool(re.search(r"[0-9a-f]{7,40}", name))
    revision = _REVISION.search(plain)
    return revision is not None and is_fixed_revision(revision.group(1))


def _file_name(address: str) -> str:
    """The name of the package that an archive's or a repository's name begins with."""
    name = address.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    if _ARCHIVE.search(name):
        name = re.split(r"-\d|\.whl|\.zip|\.t", name, maxsplit=1)[0]
    else:
        name = re.split(r"\.git|@", name, maxsplit=1)[0] if _SCHEME.match(address) else ""
    return name if _NAME.fullmatch(name) else ""
