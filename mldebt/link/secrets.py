"""The credentials of all files, at their places."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from mldebt.declarations import Credential
from mldebt.extract.credentials import IN_A_URL
from mldebt.graph.secret import Secret
from mldebt.link.components import Components
from mldebt.link.environment_names import of_environment
from mldebt.link.program import Program
from mldebt.link.reached_services import Opened, ReachedServices
from mldebt.link.variables import form_of
from mldebt.source import Span

_EXAMPLE = re.compile(
    r"(?:^|[._-])(?:examples?|samples?|templates?|tmpl|tpl|dist|defaults?|tests?|mock|fixtures?)(?:[._-]|$)"
)
_SHOWING = re.compile(r"(?:^|[._-])(?:examples?|samples?|mocks?|fixtures?)$")
# Services that run on the developer's machine or for the time of a test.
_TRIAL = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$|^\.github/workflows/|(?:^|/)\.gitlab-ci\.ya?ml$")


def secrets(program: Program, components: Components) -> tuple[Secret, ...]:
    """What readers found, in order of places."""
    found = (one for file in range(len(program.facts)) for one in _of_file(program, components, file))
    return tuple(sorted(found, key=lambda one: (one.at, one.form, one.name)))


def _of_file(program: Program, components: Components, file: int) -> Iterator[Secret]:
    source, facts = program.sources[file], program.facts[file]
    folder, name = posixpath.split(source.path.lower())
    example = _EXAMPLE.search(name) is not None or any(map(_SHOWING.search, folder.split("/")))
    plain = _TRIAL.search(source.path.lower()) is not None
    composed = form_of(source.path) == "compose" and of_environment(source.path) in ("", "prod") and not example
    services = ReachedServices(facts.settings if composed else ())
    for one in facts.credentials:
        opened = None if one.form == IN_A_URL or one.where else services.opened_for(one.name, one.start)
        symbol = program.units[program.unit_at((file, one.start, one.end))].id if facts.units and not one.cell else ""
        yield Secret(
            form=one.form, name=one.name, strength=one.strength, local=one.local or (plain and one.strength == "plain"),
            where=one.where, mark=one.mark,
            example=example, at=_span(program, file, one), symbol=symbol, purpose=source.purpose,
            component=components.of(source.path), service=opened.service if opened else "",
            opened=_port(program, file, opened),
        )  # fmt: skip


def _port(program: Program, file: int, opened: Opened | None) -> Span | None:
    return program.span((file, opened.start, opened.end)) if opened else None


def _span(program: Program, file: int, one: Credential) -> Span:
    if one.cell:
        return Span(program.sources[file].path, 1, cell=one.cell, file_line=one.line)
    return program.span((file, one.start, one.end))
