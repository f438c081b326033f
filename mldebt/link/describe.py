"""What checks may ask about code, gathered from one linking: `describe`."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from mldebt.facts import FileFacts
from mldebt.graph.code import Code, Definition, Note, Scrutiny, Unseen
from mldebt.graph.environment import Environment
from mldebt.link import sql_texts
from mldebt.link.absent_code import absent_code
from mldebt.link.accesses import Accesses
from mldebt.link.admitting import admissions
from mldebt.link.answering import answered
from mldebt.link.arguments_given import GivenArguments
from mldebt.link.branches import Branches
from mldebt.link.broken_imports import broken_imports
from mldebt.link.components import Components
from mldebt.link.configured import Configured
from mldebt.link.copied_code import copied_code
from mldebt.link.crossings import crossings
from mldebt.link.deep import deep
from mldebt.link.definitions import Definitions
from mldebt.link.environments import environments
from mldebt.link.fallbacks import fallbacks
from mldebt.link.file_uses import local_imports, notebook_runs
from mldebt.link.idle_settings import idle_settings
from mldebt.link.imported import imports, installing_words
from mldebt.link.literals import Literals
from mldebt.link.liveness import Fates, unread_reads
from mldebt.link.machine import Machine
from mldebt.link.parsers import Parsers
from mldebt.link.pipelines.templates import taken
from mldebt.link.published import is_at_home, is_library
from mldebt.link.query_files import query_files
from mldebt.link.receiving import Receiving
from mldebt.link.remaking import remaking
from mldebt.link.remarks import notes
from mldebt.link.requested import requested
from mldebt.link.running import Pipelines
from mldebt.link.secrets import secrets
from mldebt.link.served_code import pages
from mldebt.link.stopping import stopping
from mldebt.link.telling import storing, telling
from mldebt.link.tested import tested
from mldebt.link.unread_names import unread_names
from mldebt.link.unread_options import unread_options
from mldebt.link.values import Event
from mldebt.link.words import told_to_people
from mldebt.link.written_out import written_out
from mldebt.packages import Packages
from mldebt.roles import Role

_SETTINGS = "settings"
_DIGEST = "digest"
_UNSEEN = (
    ("pipeline", ("makefile", "gnumakefile", "*.mk", "justfile", "dvc.yaml", "mlproject", "snakefile", "*.smk",
                  "procfile", "azure-pipelines.y*ml")),
    ("container", ("dockerfile", "dockerfile.*", "dockerfile-*", "*.dockerfile", "docker-compose*.y*ml",
                   "compose*.y*ml")),
    ("ci", (".gitlab-ci.y*ml", "jenkinsfile", ".travis.yml", "cloudbuild.y*ml", "buildspec.y*ml")),
    ("shell", ("*.sh", "*.bash", "*.bat", "*.cmd", "*.ps1", "*.sbatch", "*.slurm")),
    ("sql", ("*.sql", "*.sqlx", "*.ddl")),
    ("lock", ("*.lock", "*lock.json", "*lock.y*ml")),
    (_SETTINGS, ("*.y*ml", "*.toml", "*.ini", "*.cfg", "*.env", ".env*", "*.tf")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Linked:
    """One linking: `ids` are the nodes of events, `mentions` the words of files that can run or name code, `pipelines`
    what definitions declare, `known` tells of `definitions`, `aside` are files that are not read for code, by kind,
    `remarks` what comments say."""

    fates: Fates
    accesses: Accesses
    ids: Mapping[Event, str]
    components: Components
    paths: frozenset[str]
    mentions: Mapping[str, frozenset[str]]
    installed: Packages
    pipelines: Pipelines
    known: Definitions
    definitions: tuple[Definition, ...]
    aside: tuple[Unseen, ...]
    remarks: tuple[Note, ...]

    @property
    def machine(self) -> Machine:
        """That by which all was linked."""
        return self.fates.machine

    def paths_of(self, files: Iterable[int]) -> frozenset[str]:
        """Where files lie, by their numbers."""
        return frozenset(self.machine.program.sources[file].path for file in files)


def describe(
    fates: Fates,
    accesses: Accesses,
    ids: Mapping[Event, str],
    components: Components,
    paths: Iterable[str],
    mentions: Mapping[str, frozenset[str]],
    installed: Packages,
    pipelines: Pipelines,
) -> tuple[Code, Callable[[], Scrutiny]]:
    """The code of a linking in the words of checks, and what looks at it closely."""
    known, all_paths = Definitions(fates.machine, components, mentions), frozenset(paths)
    definitions = known.all()
    said = (components, all_paths, mentions, installed, pipelines)
    remarks = _remarks(fates.machine, components, definitions)
    linked = _Linked(fates, accesses, ids, *said, known, definitions, unseen(all_paths), remarks)
    code = Code(definitions=definitions)
    for tell in (_of_runs, _of_texts, _of_steps, _of_answers, _of_packages):
        code = tell(code, linked)
    code = _of_settings(code, linked)  # last: to see what a class holds that nothing else asks, its body is run
    return code, lambda: _looked_at_closely(linked)


def _looked_at_closely(linked: _Linked) -> Scrutiny:
    """What is worked out only where a rule asks for it."""
    machine, known, definitions = linked.machine, linked.known, linked.definitions
    with deep():
        looks = tested(machine)
        return Scrutiny(
            copied=copied_code(machine, definitions),
            admissions=admissions(machine, linked.remarks),
            crossings=crossings(machine, linked.components, linked.paths, linked.installed),
            fallbacks=fallbacks(machine, known, definitions),
            looked_at=looks.looked_at,
            spliced=looks.spliced,
            telling=telling(machine, known, definitions),
            storing=storing(machine, known, definitions),
        )


def _remarks(machine: Machine, components: Components, definitions: Iterable[Definition]) -> tuple[Note, ...]:
    """What comments say, also of the functions and classes that do ML work."""
    own: dict[int, set[str]] = defaultdict(set)
    for one in definitions:
        if one.ml and one.kind in ("function", "class"):
            own[machine.program.number[one.path]].add(one.name)
    return notes(machine, components, {file: frozenset(names) for file, names in own.items()})


def _of_runs(code: Code, linked: _Linked) -> Code:
    """What runs code, which of it is not there, and which way it goes."""
    machine, components, known, pipelines = linked.machine, linked.components, linked.known, linked.pipelines
    return replace(
        code,
        local_imports=local_imports(machine),
        notebook_runs=notebook_runs(machine),
        branches=Branches(machine, components, known, told_to_people(linked.mentions)).all(),
        invocations=Parsers(machine, pipelines).invocations(),
        tried=linked.paths_of(pipelines.tried()),
        absent=absent_code(machine, pipelines, linked.paths),
        failing=machine.noted.failing,
        queries=query_files(machine, components, linked.mentions),
    )


def _of_texts(code: Code, linked: _Linked) -> Code:
    """What is written in code for people and machines, and in files that are not read."""
    machine, components = linked.machine, linked.components
    hidden = unseen(linked.paths - told(linked.pipelines))
    return replace(
        code,
        literals=(*Literals(linked.fates, components, linked.accesses, linked.known.is_ml).all(),
                  *sql_texts.literals(machine.program, components)),
        notes=(*linked.remarks, *sql_texts.notes(machine.program, components)),
        unseen=tuple(one for one in hidden if one.kind != "lock" or one.path not in machine.program.number),
        secrets=secrets(machine.program, components),
    )  # fmt: skip


def _of_steps(code: Code, linked: _Linked) -> Code:
    """What becomes of what is read, drawn and lost."""
    machine = linked.machine
    return replace(
        code,
        unread=unread_reads(linked.fates, linked.ids),
        seeds=_seeds(linked.ids),
        generators=_generators(linked.ids),
        digests=frozenset(digests(machine)),
        stopping=stopping(machine, linked.known, linked.definitions),
    )


def _of_answers(code: Code, linked: _Linked) -> Code:
    """What comes to the code that answers requests, and what it answers and shows."""
    machine, known, definitions = linked.machine, linked.known, linked.definitions
    receiving = Receiving(machine, known, definitions)
    return replace(
        code,
        pages=linked.paths_of(pages(machine)),
        received=receiving.received(),
        refusing=receiving.refusing(),
        remaking=frozenset(remaking(machine, known)),
        answered=answered(machine, known, definitions),
        requested=requested(machine.program),
    )


def _of_packages(code: Code, linked: _Linked) -> Code:
    """What is installed, imported and deployed."""
    machine, components, installed = linked.machine, linked.components, linked.installed
    needs = environments(machine, components, installed)
    installing = installing_words(linked.mentions, {one.path: one.kind for one in linked.aside})
    library = is_library(machine, linked.definitions) and not is_at_home(machine, linked.accesses.found)
    return replace(
        code,
        environments=needs,
        imported=imports(machine, components, installed, needs, installing),
        broken=broken_imports(machine, linked.paths, _roots(needs, installed)),
        deployed=components.marked(),
        libraries=frozenset({""} if library else ()),
    )


def _of_settings(code: Code, linked: _Linked) -> Code:
    """What is set, where, and who asks for it."""
    machine, mentions, components = linked.machine, linked.mentions, linked.components
    templates = [one for definition in linked.pipelines.definitions for one in taken(machine.program, definition)]
    configured = Configured(machine, components, mentions, linked.paths, templates)
    given = configured.defined()
    return replace(
        code,
        settings=given,
        setting_reads=configured.reads(),
        unread_options=unread_options(machine),
        unread_names=unread_names(machine),
        overridden=configured.overridden(),
        given=GivenArguments(machine, components, linked.known.is_ml).all(),
        idle=idle_settings(machine, mentions, given, {one.path for one in linked.aside if one.kind != _SETTINGS}),
        written_out=written_out(machine),
    )


def digests(machine: Machine) -> Iterator[str]:
    """The files in which a digest is made."""
    for (file, _, _), rows in machine.noted.meant.items():
        if any(_DIGEST in row.traits for row in rows):
            yield machine.program.sources[file].path


def _roots(needs: Iterable[Environment], installed: Packages) -> frozenset[str]:
    """The names by which code imports what is asked for."""
    names = (one.name for need in needs for one in need.dependencies)
    return frozenset(root for name in names for root in installed.roots_of(name))


def unseen(paths: Iterable[str]) -> tuple[Unseen, ...]:
    """The files that could hold an excuse and are not read for it yet, by kind."""
    return tuple(Unseen(kind, path) for path in sorted(set(paths)) if (kind := _kind(path)))


def told(pipelines: Pipelines) -> frozenset[str]:
    """The files that were read for what they run, or for what they do to tables."""
    program = pipelines.program
    known = {one.file: pipelines.is_told(one) for one in pipelines.definitions}
    return frozenset(
        source.path
        for number, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True))
        if known.get(number, facts.kind == "commands" or _is_sql(facts))
    )


def _is_sql(facts: FileFacts) -> bool:
    """Whether it is SQL that was read to the end."""
    return facts.kind == "sql" and not facts.troubles


def _kind(path: str) -> str:
    if ".github/workflows/" in f"/{path}" or ".circleci/" in path:
        return "ci"
    name = posixpath.basename(path).lower()
    return next((kind for kind, form in _forms() if form.match(name)), "")


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What the names of each kind are like: asked several times for every path of a repository."""
    return tuple((kind, re.compile("|".join(map(fnmatch.translate, names)))) for kind, names in _UNSEEN)


def _seeds(ids: Mapping[Event, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = {
        id: tuple(event.row.global_seed)
        for event, id in ids.items()
        if event.row is not None and (event.row.role is Role.SEED or event.row.global_seed)
    }
    return tuple(sorted(found.items()))


def _generators(ids: Mapping[Event, str]) -> tuple[tuple[str, str], ...]:
    found = {(id, event.row.generator) for event, id in ids.items() if event.row is not None and event.row.generator}
    return tuple(sorted(found))
