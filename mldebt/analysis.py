"""The pipeline as a few readable functions, and the only place where its stages meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mldebt import config, kept_graph, rulebook, verdict
from mldebt.cards import FAMILIES, shipped
from mldebt.catalogue import CatalogueError
from mldebt.config import Config, ConfigError, Fault
from mldebt.contracts import Contract
from mldebt.extract import ReadSql
from mldebt.findings import Finding, Report
from mldebt.gather.cache import Cache, Warn
from mldebt.gather.cache_folder import folder_of, is_believed
from mldebt.gather.changes import changed_paths, changes_since
from mldebt.gather.facts_file import BadFacts, load, pack
from mldebt.gather.frames import Frames
from mldebt.gather.kept import Kept
from mldebt.gather.naming import FileOutside, NamesCollide, names, paths_of, refuse_same
from mldebt.gather.revision import BadRevision, base_of, lay_out_index
from mldebt.gather.snapshot import Snapshot, take
from mldebt.graph import Graph
from mldebt.graph.affected import affected
from mldebt.graph.drafting import drafted
from mldebt.link import prepare
from mldebt.reading import Reading as Reading
from mldebt.reading import check_environment, joined, unlinked
from mldebt.roles import at_least
from mldebt.rulebook import UnknownRule
from mldebt.source import UNREADABLE, Problem
from mldebt.suppress import baseline
from mldebt.suppress.baseline import BadBaseline
from mldebt.suppress.chosen import chosen
from mldebt.suppress.earlier import before, located
from mldebt.verdict import Verdict


class NothingToRead(ValueError):
    """A repository holds no file that is read: a scan of it must not look clean."""


MISTAKES = (
    ConfigError, CatalogueError, UnknownRule, NamesCollide, FileOutside, NothingToRead, BadFacts, BadBaseline,
    BadRevision,
)  # fmt: skip
"""What the functions here raise when the person asking has to correct something."""


_COMMITTED = (
    "The cache {folder} is committed, or git does not say, so others may have written it: it is not used. Remove it "
    "from the repository (git rm -r --cached {name}), or name another folder with --cache-dir."
)


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of one run. `cache` is whether what is made is kept for the next run, in `cache_folder` or where
    the repository has it; `warn` is told where it cannot be. `baseline` is whether one that is there is used.
    `progress` is told how many files are read, and of how many. `environment` picks one (prod, staging) where files are
    named for several. `line_hashes` asks for GitHub's identity of the lines. `base` is a revision: what was there
    before is known. `staged` reads what git has staged, in place of the work tree. `files` and `owners` are those to
    report on; empty for all. `today` decides which exceptions of the configuration are over; without it all hold."""

    config: Config = field(default_factory=Config)
    cache: bool = True
    cache_folder: Path | None = None
    warn: Warn | None = None
    baseline: bool = True
    progress: Callable[[int, int], None] | None = None
    environment: str = ""
    line_hashes: bool = False
    base: str = ""
    staged: bool = False
    files: frozenset[str] = frozenset()
    owners: tuple[str, ...] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository of a run: a folder, or `facts` that were made of one elsewhere and stand in the file `root`.
    `work_tree` is the folder whose files stand in `root` as git has them staged, or had them once.

    Its paths begin with `name`, which is empty where it is the only one.
    """

    name: str
    root: Path
    config: Config
    facts: Snapshot | None = None
    work_tree: Path | None = None


def configure(root: Path, asked: Mapping[str, Any]) -> Config:
    """The repository's configuration, with what is asked on top; None and empty ask nothing.

    `asked` holds fields of Config. What is ignored adds up, but for rules asked by name. Raises
    ConfigError.
    """
    cards = shipped()
    return _asked_on_top(config.load(root, cards.keys(), FAMILIES), asked)


def _asked_on_top(own: Config, asked: Mapping[str, Any]) -> Config:
    changes = {key: value for key, value in asked.items() if value not in (None, ())}
    kept = tuple(name for name in own.ignore if name not in changes.get("select", ()))
    return replace(own, **{**changes, "ignore": (*kept, *changes.get("ignore", ()))})


def repositories(
    roots: Sequence[Path], asked: Mapping[str, Any], facts: Sequence[Path] = ()
) -> tuple[Repository, ...]:
    """The repositories of one run, by name: folders (the one we are in where nothing is given), and files of facts.

    Raises ConfigError, NamesCollide and BadFacts.
    """
    roots = roots if roots or facts else (Path(),)
    taken = {file: load(file) for file in facts}
    alone = len(roots) + len(taken) == 1
    refuse_same([name for name, _ in taken.values()])
    named = ("",) * len(roots) if alone else names(roots, [name for name, _ in taken.values()])
    found = [
        Repository("" if alone else name, file, _asked_on_top(snapshot.config, asked), snapshot)
        for file, (name, snapshot) in taken.items()
    ]
    faults: list[Fault] = []
    for name, root in sorted(zip(named, roots, strict=True)):
        try:
            found.append(Repository(name, root, configure(root, asked)))
        except ConfigError as error:
            faults += [replace(fault, file=f"{name}/{fault.file}" if name else fault.file) for fault in error.faults]
    if faults:
        raise ConfigError(faults)
    return tuple(sorted(found, key=lambda one: one.name))


def reported_on(parts: Sequence[Repository], files: Sequence[Path]) -> frozenset[str]:
    """What findings call these files. Raises FileOutside."""
    return paths_of(files, {part.name: part.root for part in parts if part.facts is None})


def facts_of(part: Repository, name: str | None, request: ScanRequest) -> tuple[bytes, bool]:
    """What a repository says as the content of a file, and whether that is all. Raises what `read` raises."""
    with _caches((part,), request) as caches:
        snapshot = _taken(part, request, caches[part.name])
    return pack(name or names([part.root])[0], snapshot), snapshot.complete


def read(root: Path, request: ScanRequest) -> Reading:
    """Files -> facts -> graph. Raises CatalogueError when a row of the project cannot be used."""
    return read_all((Repository("", root, request.config),), request)


def read_all(parts: Sequence[Repository], request: ScanRequest) -> Reading:
    """Each repository to its graph, and those to one. Raises NothingToRead, and what `read` raises."""
    with _caches(parts, request) as caches:
        snapshots = _all_taken(parts, request, caches)
        return _linked(parts, request, snapshots, caches)


def scan(root: Path, request: ScanRequest) -> Report:
    """A repository's findings, as far as they are sure enough.

    Raises UnknownRule, before anything is read, and what `read` raises.
    """
    return scan_all((Repository("", root, request.config),), request)


def scan_all(parts: Sequence[Repository], request: ScanRequest) -> Report:
    """The findings of all repositories, each by its own configuration. Raises what `scan` raises, BadBaseline and
    BadRevision."""
    if not request.staged:
        return survey(parts, request)[0]
    with TemporaryDirectory(prefix="mldebt-") as folder:
        report = survey((_staged(_only(parts), Path(folder)),), request)[0]
    return replace(report, root=str(parts[0].root))


def survey(parts: Sequence[Repository], request: ScanRequest) -> tuple[Report, Reading]:
    """What `scan_all` finds in folders as they are, and the graph it is found in. Raises what `scan_all` raises."""
    cards = shipped()
    found = compared(parts, request)
    frames = Frames({part.name: part.root for part in parts if part.facts is None})
    asked = chosen(found.findings, request.files, found.reading.read, request.owners)
    told = [
        finding for finding in asked.findings
        if at_least(finding.confidence, owner(parts, finding.at.path).config.min_confidence)
    ]  # fmt: skip
    placed = _placed(told, parts, request) if request.base else told
    shown = tuple(_framed(finding, frames, request.line_hashes) for finding in placed)
    open_ones = [finding for finding in asked.findings if not finding.suppressed]
    report = Report(
        root=" ".join(str(part.root) for part in parts),
        findings=shown,
        problems=found.problems,
        stats=found.reading.stats,
        complete=found.reading.complete,
        hints_hidden=len(open_ones) - sum(not finding.suppressed for finding in shown),
        configured=any(part.config.file for part in parts),
        families=rulebook.families([finding for finding in shown if not finding.suppressed], cards),
        notes=(*config.differences([(part.name, part.config) for part in parts]), *asked.notes),
        baseline=found.known is not None and not request.base,
        base=request.base,
        stale=len(found.stale),
        affected=_affected(found.reading, parts, request) if request.base else (),
    )
    return report, found.reading


@dataclass(frozen=True, slots=True)
class Found:
    """All findings of a run, those marked that comments or the baseline hide. `known` are the entries of the baseline,
    None where there is none; `stale` those that no finding is left of, as far as this run could tell."""

    reading: Reading
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    known: tuple[baseline.Entry, ...] | None
    stale: tuple[baseline.Entry, ...]


def compared(parts: Sequence[Repository], request: ScanRequest) -> Found:
    """What the rules find, however sure, beside what is known already. Raises what `scan_all` raises."""
    rules = {slug for part in parts for slug in verdict.applied(part.config)}
    known = _known(parts, request)
    reading, said = _judged(parts, request)
    by = baseline.BASE if request.base else baseline.BASELINE
    beside = baseline.compare(said.findings, known or (), reading.paths, by)
    lost = {problem.at.path for problem in reading.problems if problem.code in UNREADABLE}
    stale = tuple(entry for entry in beside.stale if entry.rule in rules and entry.path not in lost)
    return Found(reading, beside.findings, tuple(sorted((*reading.problems, *said.told))), known, stale)


def _judged(parts: Sequence[Repository], request: ScanRequest) -> tuple[Reading, Verdict]:
    """What was read and what is found in it, as it was kept or anew."""
    configs = {part.name: part.config for part in parts}
    with _caches(parts, request) as caches:
        snapshots, cache = _all_taken(parts, request, caches), caches[parts[0].name]
        check_environment(snapshots, request.environment)
        key = verdict.key_of(snapshots, configs, request.environment, request.today) if cache.is_open() else b""
        said = verdict.recalled(cache, key)
        if said is not None:
            graph = _asked(parts, request, snapshots)
            return unlinked(snapshots, said.stats, said.problems, said.complete, graph), said
        reading = joined(snapshots, request.environment, _readers(caches))
        said = verdict.judged(reading, configs, request.today)
        verdict.keep(cache, key, said)
        return reading, said


def _linked(
    parts: Sequence[Repository], request: ScanRequest, snapshots: Mapping[str, Snapshot], caches: Mapping[str, Cache]
) -> Reading:
    """What was read with its graph, as it was kept or anew; then it is kept."""
    cache = caches[parts[0].name]
    configs = {part.name: part.config for part in parts}
    key = verdict.key_of(snapshots, configs, request.environment, request.today) if cache.is_open() else b""
    known = kept_graph.recalled(cache, key)
    if known is not None:
        return unlinked(snapshots, known.stats, known.problems, known.complete, known.graph)
    reading = joined(snapshots, request.environment, _readers(caches))
    kept_graph.keep(cache, key, reading)
    return reading


def _asked(
    parts: Sequence[Repository], request: ScanRequest, snapshots: Mapping[str, Snapshot]
) -> Callable[[], Graph]:
    """The graph for those who ask for it when all else is known already."""

    def graph() -> Graph:
        with _caches(parts, request) as caches:
            return _linked(parts, request, snapshots, caches).graph

    return graph


def _known(parts: Sequence[Repository], request: ScanRequest) -> tuple[baseline.Entry, ...] | None:
    """The findings that are known: those of the base, or of the baseline of the one folder that is scanned; None where
    nothing says what is known."""
    if request.base:
        part, asked = _only(parts), replace(request, base="", baseline=False, progress=None)
        then = replace(part, work_tree=part.work_tree or part.root)

        def findings_of(folder: Path) -> tuple[Finding, ...]:
            try:
                return compared((replace(then, root=folder),), asked).findings
            except NothingToRead:
                return ()

        return before(part.work_tree or part.root, request.base, part.config.catalogue, findings_of)
    if not request.baseline or len(parts) > 1 or parts[0].facts is not None:
        return None
    return baseline.read(parts[0].root / baseline.FILE)


def _placed(findings: Sequence[Finding], parts: Sequence[Repository], request: ScanRequest) -> Iterator[Finding]:
    """Findings that know which of their places the change since the base touches. Raises BadRevision."""
    root, commit = _base(parts, request)
    paths = (at.path for finding in findings if not finding.suppressed for at in finding.places)
    changes = changes_since(root, commit, paths, request.staged)
    return (finding if finding.suppressed else located(finding, changes) for finding in findings)


def _affected(reading: Reading, parts: Sequence[Repository], request: ScanRequest) -> tuple[tuple[str, int], ...]:
    root, commit = _base(parts, request)
    changed = changed_paths(root, commit, request.staged)
    return affected(reading.graph, changed) if changed else ()


def changed_since(parts: Sequence[Repository], revision: str) -> frozenset[str]:
    """The files that differ from where a change since a revision began. Raises BadRevision."""
    root, commit = _base(parts, ScanRequest(base=revision))
    return changed_paths(root, commit)


def _base(parts: Sequence[Repository], request: ScanRequest) -> tuple[Path, str]:
    """The folder that git knows, and the commit at which the change began. Raises BadRevision."""
    part = _only(parts)
    root = part.work_tree or part.root
    return root, base_of(root, request.base)


def _staged(part: Repository, folder: Path) -> Repository:
    """The same repository as git has it staged, in a folder of its own."""
    lay_out_index(part.root, folder)
    return replace(part, root=folder, work_tree=part.root)


def _only(parts: Sequence[Repository]) -> Repository:
    """The one folder that has a history. Raises BadRevision."""
    if len(parts) > 1 or parts[0].facts is not None:
        raise BadRevision("A base, and what is staged, belong to one repository: scan it alone.")
    return parts[0]


def undeclared(graph: Graph) -> dict[str, tuple[Contract, ...]]:
    """Contracts for the uses that nothing declares, by the repository they belong to."""
    (rule,) = rulebook.rules([shipped()["undeclared-consumer"]])
    hits = [hit for hit in rule.check(graph) if len(hit.keys) == 2 and hit.keys[0] in graph]
    return drafted(graph, ((hit.keys[0], hit.keys[1]) for hit in hits))


def owner(parts: Sequence[Repository], path: str) -> Repository:
    """The repository that a path belongs to."""
    return next((part for part in parts if part.name and path.startswith(f"{part.name}/")), parts[0])


@contextmanager
def _caches(parts: Sequence[Repository], request: ScanRequest) -> Iterator[Mapping[str, Cache]]:
    """What each repository keeps, by its name."""
    with ExitStack() as stack:
        yield {part.name: stack.enter_context(_cache(part, request)) for part in parts}


def _cache(part: Repository, request: ScanRequest) -> Cache:
    if not request.cache or part.facts is not None:
        return Cache()
    folder = request.cache_folder or folder_of(part.work_tree or part.root)
    if request.cache_folder is None and not is_believed(folder):
        if request.warn is not None:
            request.warn(_COMMITTED.format(folder=folder, name=folder.name))
        return Cache()
    return Cache(folder, request.warn)


def _readers(caches: Mapping[str, Cache]) -> dict[str, ReadSql]:
    """What reads the SQL in the code of each repository, or has it from the time before."""
    return {name: Kept(cache).statements for name, cache in caches.items() if cache.is_open()}


def _all_taken(
    parts: Sequence[Repository], request: ScanRequest, caches: Mapping[str, Cache]
) -> dict[str, Snapshot]:
    return {part.name: _taken(part, request, caches[part.name]) for part in parts}


def _taken(part: Repository, request: ScanRequest, cache: Cache) -> Snapshot:
    snapshot = part.facts or take(part.root, part.config, request.progress, prepare, cache)
    if not snapshot.files and not snapshot.lost():
        raise NothingToRead(
            f"Nothing to read in {part.root}: no Python file, notebook or settings file was found. "
            "Check the path, .gitignore, and include and exclude in [tool.mldebt]."
        )
    return snapshot


def _framed(finding: Finding, frames: Frames, hashed: bool) -> Finding:
    """Where a trail proves the finding, the line adds nothing; elsewhere the line is the evidence."""
    finding = replace(finding, line_hash=frames.line_hash(finding.at)) if hashed else finding
    return finding if finding.trail else replace(finding, frame=frames.around(finding.at))
