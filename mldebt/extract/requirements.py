"""A file of requirements to its facts: pip's files, Pipfile, container files, lock files. Never raises."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

import msgspec

from mldebt.extract.container_commands import container_tasks
from mldebt.extract.container_variables import container_variables
from mldebt.extract.install_lines import blank, read_container, read_magics
from mldebt.extract.lock_files import read_lock
from mldebt.extract.project_requirements import project_requirements
from mldebt.extract.requirement_lines import Asked, read_lines
from mldebt.extract.settings import read_settings
from mldebt.extract.setup_call import setup_requirements
from mldebt.facts import FileFacts, Trouble

_LOCKS = re.compile(
    r"(?:poetry|uv|pdm|pixi|pipfile)\.lock|pylock(?:\.[\w-]+)?\.toml|(?:[\w.-]*[._-])?(?:conda|mamba)-lock\.ya?ml",
    re.IGNORECASE,
)
_PIP_LOCK = re.compile(r"requirements[\w.-]*\.lock|requirements[\w.-]*[_.-]lock(?:ed)?\.txt", re.IGNORECASE)
_CONTAINER = re.compile(r"(?:docker|container)file(?:\..+|-[\w-]+)?|.+\.(?:docker|container)file", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_INSTALLING = r"[ \t]*[!%$]?[ \t]*(?:python[\d.]*[ \t]+-m[ \t]+)?(?:pip[\d.]*|conda)[ \t]+install[ \t]"
_INSTALLS = re.compile(rf"^{_INSTALLING}.*$", re.MULTILINE)
_OTHER_LINES = re.compile(rf"^(?!{_INSTALLING}).+$", re.MULTILINE)
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_requirements(name: str, text: str) -> FileFacts:
    """The requirements of a file; its name tells the form."""
    text = _SURROGATE.sub("\ufffd", text)
    lines = (0, *(end.end() for end in _LINE_END.finditer(text)))
    facts = FileFacts("requirements", lines)
    if conflict := _CONFLICT.search(text):
        cure = "resolve the conflict"
        return _with(facts, Asked(troubles=[Trouble(conflict.start(), "syntax", "an unresolved merge conflict", cure)]))
    if name.lower() == "pipfile":
        settings = read_settings("Pipfile.toml", text)
        asked = project_requirements(name, text, settings.settings) or Asked()
        return _with(facts, replace(asked, troubles=[*settings.troubles, *asked.troubles]))
    if _LOCKS.fullmatch(name):
        return _with(facts, read_lock(name, text), "lock")
    if _CONTAINER.fullmatch(name):
        container = _with(facts, read_container(text))
        return msgspec.structs.replace(container, settings=container_variables(text), tasks=container_tasks(text))
    return _with(facts, _listed(text), *(["lock"] if _PIP_LOCK.fullmatch(name) else []))


def _listed(text: str) -> Asked:
    """The lines of a list for pip; those that are commands which install ask for what these do."""
    if not _INSTALLS.search(text):
        return read_lines(text)
    commands = _OTHER_LINES.sub(blank, text)
    asked, told = read_lines(_INSTALLS.sub(blank, text)), read_container(commands)
    asked.requirements = sorted((*asked.requirements, *told.requirements), key=lambda one: one.start)
    asked.references += told.references
    asked.open = asked.open or told.open
    return asked


def add_requirements(facts: FileFacts, name: str, text: str) -> FileFacts:
    """The facts of another kind of file with what it asks for, where its name says that it does."""
    if facts.kind == "notebook":
        return _with(facts, read_magics(facts.magics)) if facts.magics else facts
    if facts.kind == "python":
        return _with(facts, setup_requirements(facts)) if PurePosixPath(name).name == "setup.py" else facts
    asked = project_requirements(name, text, facts.settings)
    return facts if asked is None else _with(facts, asked)


def _with(facts: FileFacts, asked: Asked, *flags: str) -> FileFacts:
    opened = ("open-requirements",) if asked.open else ()
    return msgspec.structs.replace(
        facts,
        troubles=(*facts.troubles, *asked.troubles),
        flags=(*facts.flags, *flags, *opened),
        requirements=tuple(asked.requirements),
        references=tuple(asked.references),
    )
