"""What a project file asks for, from its settings: pyproject.toml, Pipfile, setup.cfg, files of conda environments."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from types import MappingProxyType

from mldebt.declarations import Reference, Requirement, Setting
from mldebt.extract.masking import MASK
from mldebt.extract.requirement import conda, is_fixed_revision, is_template, tabular
from mldebt.extract.requirement_lines import Asked, read_line, read_lines

CONDA_NAME = re.compile(r"(?:[\w.-]*[_.-])?(?:environment|conda|env)(?:[_.-][\w.-]*)?\.ya?ml", re.IGNORECASE)
HOOKS = ".pre-commit-config.yaml"
_REVISION = ("repos", "0", "rev")
_HOOK = ("repos", "0", "hooks", "0", "id")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)+)")
_REVISIONS = ("rev", "tag", "ref")
_PLACES = ("path", "editable", "workspace", "develop", "file")

Key = tuple[str, ...]


def project_requirements(name: str, text: str, settings: Iterable[Setting]) -> Asked | None:
    """What the settings of a file of this name ask for; None for a file that asks for no packages."""
    found = tuple(settings)
    reader = _READERS.get(name.lower())
    if reader is None and _is_conda(name, {one.key[:1] for one in found}):
        reader = _conda_environment
    if reader is None:
        return None
    asked = Asked()
    reader(asked, text, found)
    return asked


def _is_conda(name: str, sections: Container[Key]) -> bool:
    """Whether a file lists a conda environment: by its name, or as it says from which channels its packages come."""
    if ("dependencies",) not in sections:
        return False
    yaml = name.lower().endswith((".yaml", ".yml"))
    return CONDA_NAME.fullmatch(name) is not None or (yaml and ("channels",) in sections)


def _pyproject(asked: Asked, text: str, settings: tuple[Setting, ...]) -> None:
    for one in settings:
        group = _standard_group(one.key)
        if group is not None and one.kind == "text":
            _line(asked, one, group)
        elif one.key[:5] == ("tool", "setuptools", "dynamic", "dependencies", "file") and one.kind == "text":
            asked.references.append(Reference(one.value or "", "requirements", one.start, one.end))
    tables = {one.key for one in settings if _tabular_group(one.key) is not None}
    _tables(asked, settings, {key: _tabular_group(key) or "" for key in tables})
    _pinned_by_source(asked, settings)


def _standard_group(key: Key) -> str | None:
    """The group of a requirement in the form of pip that stands at this key; None elsewhere."""
    if key[:2] == ("project", "dependencies") and len(key) == len(("project", "dependencies", "0")):
        return ""
    if key[:2] == ("project", "optional-dependencies") and len(key) == len(("project", "optional", "extra", "0")):
        return f"extra:{key[2]}"
    if key[:1] == ("dependency-groups",) and len(key) == len(("groups", "name", "0")):
        return f"group:{key[1]}"
    if key[:3] == ("tool", "pdm", "dev-dependencies") and len(key) == len(("tool", "pdm", "dev", "name", "0")):
        return f"group:{key[3]}"
    if key[:2] == ("tool", "uv") and len(key) == len(("tool", "uv", "list", "0")):
        return {"dev-dependencies": "group:dev", "constraint-dependencies": "constraint"}.get(key[2])
    return None


def _tabular_group(key: Key) -> str | None:
    """The group of a table of versions to which a key belongs directly; None elsewhere."""
    if key[:2] == ("tool", "poetry"):
        rest = key[2:-1]
        if rest == ("dependencies",):
            return ""
        if rest == ("dev-dependencies",):
            return "group:dev"
        if len(rest) == len(("group", "name", "dependencies")) and rest[0] == "group" and rest[2] == "dependencies":
            return f"group:{rest[1]}"
    if key[:-1] in (("tool", "pixi", "dependencies"), ("tool", "pixi", "pypi-dependencies")):
        return ""
    return None


def _pipfile(asked: Asked, text: str, settings: tuple[Setting, ...]) -> None:
    groups = {"packages": "", "dev-packages": "group:dev"}
    keys = {one.key: groups[one.key[0]] for one in settings if len(one.key) > 1 and one.key[0] in groups}
    _tables(asked, settings, {key: group for key, group in keys.items() if len(key) == len(("table", "name"))})


def _tables(asked: Asked, settings: tuple[Setting, ...], groups: Mapping[Key, str]) -> None:
    """Keys of which each is a package, with a version or a table that holds one."""
    below: dict[Key, dict[str, str]] = {}
    for one in settings:
        for length in range(2, len(one.key)):
            if one.key[:length] in groups:
                below.setdefault(one.key[:length], {}).setdefault(one.key[-1], one.value or "")
    for one in settings:
        if one.key in groups and one.key[-1].lower() != "python":
            inside = below.get(one.key, {})
            version = one.value if one.value is not None else inside.get("version", "")
            asked.requirements.append(_from_table(one, version, inside, groups[one.key]))


def _from_table(one: Setting, version: str, inside: Mapping[str, str], group: str) -> Requirement:
    name = one.key[-1]
    if any(word in inside for word in _PLACES):
        return Requirement(name, "", False, one.start, one.end, group, source="path")
    if "git" in inside or "url" in inside:
        pinned = "url" in inside or any(is_fixed_revision(inside.get(word, "")) for word in _REVISIONS)
        return Requirement(name, "", pinned, one.start, one.end, group, source="url")
    return tabular(name, "==0" if version == MASK else version, one.start, one.end, group)


def _pinned_by_source(asked: Asked, settings: tuple[Setting, ...]) -> None:
    """`[tool.uv.sources]` says where a package comes from: a folder here, or a commit."""
    sources: dict[str, set[str]] = {}
    for one in settings:
        if one.key[:3] == ("tool", "uv", "sources") and len(one.key) > len(("tool", "uv", "sources", "name")):
            fixed = one.key[-1] not in _REVISIONS or is_fixed_revision(one.value or "")
            sources.setdefault(one.key[3], set()).update({one.key[-1]} if fixed else ())
    for place, found in enumerate(asked.requirements):
        words = sources.get(found.name, set())
        if words & {*_PLACES, *_REVISIONS, "url"}:
            source = "path" if words & set(_PLACES) else "url"
            asked.requirements[place] = Requirement(
                found.name, found.specifier, source == "url", found.start, found.end, found.group, found.marker, source
            )


def _setup_cfg(asked: Asked, text: str, settings: tuple[Setting, ...]) -> None:
    for one in settings:
        if one.key == ("options", "install_requires"):
            _lines_of_value(asked, text, one, "")
        elif one.key[:1] == ("options.extras_require",) and len(one.key) == len(("section", "extra")):
            _lines_of_value(asked, text, one, f"extra:{one.key[1]}")


def _lines_of_value(asked: Asked, text: str, one: Setting, group: str) -> None:
    """Each line of a value as a requirement, at its own place; `file: a.txt` names another file."""
    value, position = one.value or "", one.end
    if value.startswith("file:"):
        for path in value.removeprefix("file:").split(","):
            asked.references.append(Reference(path.strip(), "requirements", one.start, one.end))
        return
    for line in value.split("\n"):
        start = text.find(line, position)
        start = start if start >= 0 else one.start
        for found in read_lines(line, group).requirements:
            width = found.end - found.start
            asked.requirements.append(
                Requirement(found.name, found.specifier, found.pinned, start, start + width, group, found.marker)
            )
        position = max(position, start)


def _conda_environment(asked: Asked, text: str, settings: tuple[Setting, ...]) -> None:
    for one in settings:
        if one.key[:1] != ("dependencies",) or one.kind == "map" or not one.value:
            continue
        if "pip" in one.key or one.value.startswith("-"):
            _line(asked, one, "")
        elif len(one.key) == len(("dependencies", "0")):
            asked.add(conda(one.value, one.start, one.end), one.start)


def _hooks(asked: Asked, _text: str, settings: tuple[Setting, ...]) -> None:
    """Tools that run before a commit, each called like its hook, in the version of its repository."""
    revisions = [one for one in settings if len(one.key) == len(_REVISION) and one.key[::2] == _REVISION[::2]]
    versions = {one.key[1]: one for one in revisions}
    for one in settings:
        told = len(one.key) == len(_HOOK) and one.key[::2] == _HOOK[::2]
        version = versions.get(one.key[1]) if told else None
        if version is not None and one.value and (found := _RELEASE.fullmatch(version.value or "")):
            asked.requirements.append(
                Requirement(one.value, f"=={found[1]}", True, version.start, version.end, "group:dev")
            )


def _line(asked: Asked, one: Setting, group: str) -> None:
    value = one.value or ""
    if is_template(value) or MASK in value:
        asked.open = True  # what is masked looked like a secret; nobody knows any more what it asked for
        return
    here = Asked()
    read_line(here, value.partition(" #")[0].strip(), 0, group)
    for found in here.requirements:
        asked.requirements.append(
            Requirement(
                found.name, found.specifier, found.pinned, one.start, one.end, group, found.marker, found.source,
                found.hashed,
            )
        )  # fmt: skip
    asked.references += [Reference(found.path, found.kind, one.start, one.end) for found in here.references]
    for _ in here.troubles:
        asked.add(None, one.start)


_READERS: Mapping[str, Callable[[Asked, str, tuple[Setting, ...]], None]] = MappingProxyType(
    {"pyproject.toml": _pyproject, "pipfile": _pipfile, "setup.cfg": _setup_cfg, HOOKS: _hooks}
)
