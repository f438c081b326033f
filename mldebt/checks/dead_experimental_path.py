"""Code of an experiment that can no longer run, or that nobody runs."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mldebt.findings import Hit, Severity
from mldebt.graph import Branch, Definition, Graph, Note
from mldebt.graph.absent_code import FailingFile
from mldebt.graph.broken_imports import BrokenImport
from mldebt.graph.flagged import who_sets
from mldebt.graph.idle_code import among_models, are_much, offered
from mldebt.graph.idle_settings import IdleSettings
from mldebt.graph.model_work import handling_data
from mldebt.graph.reach import (
    Unused,
    is_long,
    likeness,
    named_together,
    never_called,
    numbered_copies,
    plain_name,
    scripts_nobody_names,
    unused,
)  # fmt: skip
from mldebt.graph.unrun_queries import UnrunQuery, unrun_queries
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_FEWEST_LINES = 5
_FEWEST_KEPT, _MUCH = 3, 10
"""So many lines of code a block in a comment has, and so many a file holds in such, for their owner to look at them."""
_FEWEST_TOGETHER = 3
"""So many definitions of a file are told together."""
_CHOICES = ("setting: ", "default None: ")
"""A settings file is there to be changed, and what is not given at all is an option of a helper."""


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each flag, definition, file and block."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    yield from _of_branches(graph)
    copies = {one.id for one, _ in numbered_copies(graph)}
    for one, others in numbered_copies(graph):
        yield _of_copy(one, others)
    alike: dict[tuple[str, str, str], list[Unused]] = defaultdict(list)
    idle = unused(graph)
    for gone in idle:
        if gone.definition.id not in copies:
            alike[likeness(gone.definition)].append(gone)
    gone_ones, handling, spare = [], handling_data(graph), offered(graph, idle)
    near = among_models(graph, idle, handling)
    for same in alike.values():
        again = [other.definition for other in same[1:]]
        first = same[0].definition
        hit = _of_definition(same[0], again, handled=first.path in handling, near=first.id in near)
        gone_ones.append((same[0], replace(hit, confidence=Confidence.HINT) if first.id in spare else hit))
    yield from _together(gone_ones)
    for script in scripts_nobody_names(graph):
        if script.id not in copies and not graph.code.is_library(script.path):
            yield _of_script(script)
    yield from map(_of_query, unrun_queries(graph))
    yield from map(_of_failing, graph.code.failing)
    yield from _of_imports(graph.code.broken)
    yield from map(_of_settings, graph.code.idle)
    kept: dict[str, list[Note]] = defaultdict(list)
    for note in graph.code.notes:
        if note.code and note.ml and note.purpose is Purpose.PRODUCTION:
            kept["".join(note.text.split())].append(note)
    modules = {one.path: one for one in graph.code.definitions if one.kind == "module"}
    told = (_of_note(found[0], found[1:]) for found in kept.values())
    yield from _by_folder(modules, _by_file(modules, handling, told))


def _of_branches(graph: Graph) -> Iterator[Hit]:
    """One hit for each flag, where it is tested first. What is never called is told by itself."""
    gone = never_called(graph)
    groups: dict[object, list[Hit]] = defaultdict(list)
    for branch in graph.code.branches:
        path, parts = branch.at.path, branch.symbol.split(".")
        around = {(path, ".".join(parts[:length])) for length in range(len(parts) + 1)}
        if branch.purpose is Purpose.PRODUCTION and not around & gone:
            for hit in _of_branch(branch, library=graph.code.is_library(path)):
                held = branch.set_at if branch.flags else (branch.at,)
                groups[hit.keys, held].append(hit)
    files: dict[tuple[object, ...], list[Hit]] = defaultdict(list)
    for hit in map(_of_flag, groups.values()):  # functions of one file that are all asked alike are one habit
        files[hit.at.path, hit.keys, hit.variant, hit.keys[0] == "branch" or hit.at].append(hit)
    copied: dict[tuple[object, ...], list[Hit]] = defaultdict(list)
    for hit in map(_of_flag, files.values()):
        told = tuple(stop.label for stop in hit.trail)
        copied[hit.keys, hit.symbol, hit.confidence, hit.variant, told, _length(hit)].append(hit)
    yield from map(_of_copies, copied.values())


def _of_flag(hits: list[Hit]) -> Hit:
    """The surest of the branches on one flag; the others are its related places."""
    first = min(hits, key=lambda hit: (tuple(Confidence).index(hit.confidence), hit.at))
    others = tuple(Stop(hit.at, f"test: {hit.keys[1]}") for hit in hits if hit is not first)
    return replace(first, related=(*others, *first.related)[:MAX_STOPS])


def _of_branch(branch: Branch, *, library: bool) -> Iterator[Hit]:
    taken = branch.outcome
    first, last = branch.else_lines if taken else branch.then_lines
    if not first:
        return
    if not branch.flags:
        yield from _unreachable(branch, first, last)
        return
    given = [stop for stop in branch.set_at if not stop[0].startswith("constant")]
    if library and given:
        return  # who imports it may give another value
    if not branch.ml_lines and last - first + 1 < _FEWEST_LINES:
        return
    chosen = any(word.startswith(_CHOICES) for word, _ in branch.set_at)
    alone = branch.test.removeprefix("not ")
    flag = alone if alone in branch.flags else branch.test
    held = taken is (flag == branch.test)
    sure = branch.plain and not branch.at.cell and bool(branch.ml_lines)
    says = {True: "true", False: "false"}
    variant = who_sets(branch, f"default {not held}: ")
    yield Hit(
        at=branch.at.of_lines(branch.at.line, last),
        details={"flag": flag, "value": says[not held], "what": says[held]},
        keys=("branch", branch.test),
        confidence=Confidence.LIKELY if sure and not chosen else Confidence.HINT,
        symbol=branch.symbol,
        trail=(*(Stop(at, word) for word, at in branch.set_at), Stop(branch.at, f"test: {branch.test}"))[:MAX_STOPS],
        related=tuple(Stop(at, word) for word, at in branch.set_at),
        refutation=f"something outside this repository makes {flag} {says[not held]}",
        variant=variant,
    )


def _unreachable(branch: Branch, first: int, last: int) -> Iterator[Hit]:
    word, at = branch.set_at[0] if branch.set_at else ("", branch.at)
    if branch.test and branch.test not in ("True", "False", "0", "1"):
        return
    reason = f"a {word} stands before it" if word else f"its condition is {branch.test}"
    yield Hit(
        at=branch.at.of_lines(first, last),
        details={"what": "This code", "reason": reason},
        keys=("unreachable", branch.test),
        symbol=branch.symbol,
        trail=(Stop(at, f"ends here: {word or branch.test}"), Stop(branch.at, "never reached: this code")),
        severity=None if branch.ml_lines else Severity.INFO,
        variant="unreachable",
    )


def _of_definition(gone: Unused, again: list[Definition], *, handled: bool, near: bool) -> Hit:
    """Likely for ML code in a file where data are `handled`, and for what is `near` models, unless pages tell of it:
    those may know who asks for it, or tests call it, which then are there for more than a part of the work."""
    one, name = gone.definition, plain_name(gone.definition.name)
    stops = (
        *((Stop(gone.twin.at, f"copy in use: {gone.twin.path}"),) if gone.twin else ()),
        *(Stop(other.at, f"again: {other.path}") for other in again),
        *(Stop(at, f"imported: {name}, and not used") for at in one.imported_at),
        *(Stop(at, f"tested: {name}") for name, at in gone.tests),
        *(Stop(at, f"named in a comment: {name}") for at in gone.off),
        *(Stop(only.at, f"only used by it: {plain_name(only.name)}") for only in gone.only),
    )
    module = one.kind == "module"
    ml = one.ml or any(only.ml for only in gone.only)
    sure = ((ml and (module or handled or is_long(one))) or (near and not gone.tests)) and not gone.told
    return Hit(
        at=one.at if module else one.at.of_lines(one.at.line, one.end_line),
        details={"what": f"The {one.kind} {name}", "path": one.path},
        keys=(one.kind, one.name),
        confidence=Confidence.HINT if not sure or one.at.cell or gone.twin else Confidence.LIKELY,
        symbol="" if module else one.name,
        trail=(Stop(one.at, f"defined: {name}"), *stops)[:MAX_STOPS],
        related=stops[:MAX_STOPS],
        refutation=f"something outside this repository uses {name}, or its name is put together at run time",
        severity=None if ml else Severity.INFO,
        variant=_how(gone),
    )


def _together(told: list[tuple[Unused, Hit]]) -> Iterator[Hit]:
    """One hit for many definitions of a file, or files of a folder, of which the same is known, and one for those that
    copies of one script hold: who clears one clears the others."""
    files: dict[tuple[object, ...], list[tuple[Unused, Hit]]] = defaultdict(list)
    for gone, hit in told:
        whole = gone.definition.kind == "module"
        where = (posixpath.dirname(hit.at.path) if whole else "") or hit.at.path
        files[where, hit.variant.replace("imported", "unused"), hit.confidence, whole].append((gone, hit))
    copied: dict[tuple[object, ...], list[Hit]] = defaultdict(list)
    for found in files.values():
        if len(found) >= _FEWEST_TOGETHER:
            hit = _of_several(sorted(found, key=lambda one: (one[1].severity is Severity.INFO, one[1].at)))
            yield replace(hit, confidence=Confidence.LIKELY) if are_much(gone for gone, _ in found) else hit
            continue
        for gone, hit in found:
            one = gone.definition
            looks = (one.kind, one.name, one.parameters, one.end_line - one.at.line)
            copied[hit.variant, hit.confidence, looks].append(hit)
    yield from map(_of_copies, copied.values())


def _length(hit: Hit) -> int:
    return hit.at.end_line - hit.at.line


def _of_copies(same: list[Hit]) -> Hit:
    """The first of the hits that copies of one script share; the others are its related places."""
    first, *others = sorted(same, key=lambda hit: hit.at)
    again = tuple(Stop(hit.at, f"again: {hit.at.path}") for hit in others)
    return replace(first, related=(*again, *first.related)[:MAX_STOPS]) if others else first


def _of_several(found: list[tuple[Unused, Hit]]) -> Hit:
    """The first of several, ML code before other: the others are related, and named as far as a reader would go on."""
    gone = [one.definition for one, _ in found]
    first, *others = [hit for _, hit in found]
    folder = f" of {posixpath.dirname(first.at.path)}" if gone[0].kind == "module" else ""
    return replace(
        first,
        details={**first.details, "what": f"The {named_together(gone)}{folder}"},
        related=(*(Stop(hit.at, hit.trail[0].label) for hit in others), *first.related),
        refutation=f"something outside this repository uses {plain_name(gone[0].name)} or another of them",
        variant=f"{min(hit.variant for _, hit in found)}_several",  # imports that use nothing are more than nothing
    )


def _how(gone: Unused) -> str:
    """Who names it all the same."""
    if gone.definition.kind == "module":
        return "tested_module" if gone.tests else "module"
    if gone.tests or gone.definition.exported:
        return "tested" if gone.tests else "exported"
    if gone.off:
        return "commented"
    return "told" if gone.told else "imported" if gone.definition.imported_at else "unused"


def _of_script(script: Definition) -> Hit:
    return Hit(
        at=script.at,
        details={"path": script.path},
        keys=("module", script.name),
        confidence=Confidence.HINT,
        trail=(Stop(script.at, f"script: {script.name}"),),
        refutation=f"somebody runs {script.path} by hand",
        variant="module",
    )


def _of_query(gone: UnrunQuery) -> Hit:
    """A hint where it only asks: somebody may put the question by hand."""
    path = gone.file.path
    beside = tuple(Stop(one.at, f"run by its name: {one.path}") for one in gone.beside)
    return Hit(
        at=gone.file.at,
        details={"path": path, "count": str(len(beside))},
        keys=("query", path),
        confidence=Confidence.LIKELY if gone.makes or gone.file.tested else Confidence.HINT,
        trail=(Stop(gone.file.at, f"SQL: {path}"), *beside)[:MAX_STOPS],
        related=beside[:MAX_STOPS],
        refutation=f"somebody runs {path} by hand",
        severity=Severity.INFO,
        variant="tested_query" if gone.file.tested else "query",
    )


def _of_failing(one: FailingFile) -> Hit:
    missing = " and ".join(one.missing)
    return Hit(
        at=one.at,
        details={"path": one.at.path, "function": one.called, "what": missing},
        keys=("failing", one.called),
        trail=(Stop(one.at, f"call: {one.called}"), Stop(one.defined, f"asks for: {missing}")),
        refutation=f"something outside this repository puts another {one.called} in its place",
        variant="failing",
    )
def _of_imports(broken: Iterable[BrokenImport]) -> Iterator[Hit]:
    """One hit for all files that stop where they ask for the same; of a file the first import that fails."""
    first = {one.at.path: one for one in sorted(broken, key=lambda one: one.at, reverse=True)}
    asking: dict[tuple[str, str], list[BrokenImport]] = defaultdict(list)
    for one in sorted(first.values(), key=lambda one: one.at):
        asking[one.path, one.name].append(one)
    for (path, name), (one, *others) in asking.items():
        again = tuple(Stop(other.at, f"also asked for: {name}") for other in others)
        yield Hit(
            at=one.at,
            details={"path": one.at.path, "what": name, "source": path, "count": str(len(again))},
            keys=("import", path, name),
            confidence=Confidence.LIKELY,
            trail=(Stop(one.at, f"asked for: {name}"), *again)[:MAX_STOPS],
            related=again[:MAX_STOPS],
            refutation=f"{name} is put there by something outside this repository",
            variant=f"broken_{'module' if one.is_module else 'name'}{'_several' if again else ''}",
        )


def _of_settings(idle: IdleSettings) -> Hit:
    """Likely where it has another value than what is in force, and code loads no file of a name that nobody knows."""
    other = [one for one in idle.settings if one.value != one.told]
    first = next(iter(other), idle.settings[0])
    stops = tuple(Stop(one.in_force, f"in force: {one.name}") for one in (*other, *idle.settings))
    return Hit(
        at=idle.at,
        details={
            "path": idle.path, "count": str(len(idle.settings)), "setting": first.name, "value": first.value,
            "what": first.told, "source": first.in_force.path,
        },
        keys=("config", idle.path),
        confidence=Confidence.LIKELY if other and idle.known else Confidence.HINT,
        trail=(Stop(first.at, f"here: {first.name}"), Stop(first.in_force, f"in force: {first.name}")),
        related=tuple(dict.fromkeys(stops))[:MAX_STOPS],
        refutation=f"somebody loads {idle.path} by a name that is given by hand",
        severity=Severity.INFO,
        variant="config_differs" if other else "config",
    )  # fmt: skip


def _of_copy(one: Definition, others: tuple[Definition, ...]) -> Hit:
    stops = tuple(Stop(other.at, f"copy in use: {other.name}") for other in others)
    return Hit(
        at=one.at,
        details={"path": one.path, "count": str(len(others) + 1), "what": others[0].name},
        keys=("copy", one.name),
        confidence=Confidence.LIKELY,
        trail=(Stop(one.at, f"copy: {one.name}"), *stops)[:MAX_STOPS],
        related=stops[:MAX_STOPS],
        refutation=f"somebody runs {one.path} by hand",
        variant="copies",
    )


def _by_file(modules: dict[str, Definition], among: frozenset[str], hits: Iterable[Hit]) -> Iterator[Hit]:
    """Of the blocks that surely are code, one hit for each file, at the longest. A hint where they are few lines of a
    file that holds other code, or of one that does nothing with models or tables."""
    files: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        if hit.confidence is Confidence.HINT:
            yield hit
        else:
            files[hit.at.path].append(hit)
    for path, found in files.items():
        longest = max(found, key=lambda hit: (hit.at.end_line - hit.at.line, -hit.at.line))
        more = tuple(Stop(hit.at, f"also {hit.trail[0].label}") for hit in found if hit is not longest)
        details = {**longest.details, "count": str(len(more))}
        others = (*more, *longest.related)[:MAX_STOPS]
        hit = replace(longest, details=details, related=others, variant="blocks") if more else longest
        much = path in among and sum(_length(one) + 1 for one in found) >= _MUCH
        yield hit if much or _fills(longest.at, modules) else replace(hit, confidence=Confidence.HINT)


def _by_folder(modules: dict[str, Definition], hits: Iterable[Hit]) -> Iterator[Hit]:
    """Of files that hold nothing but a block in a comment, one hit for each folder with many."""
    folders: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        whole = hit.variant == "comment" and hit.confidence is not Confidence.HINT and _fills(hit.at, modules)
        folders[posixpath.dirname(hit.at.path) if whole else str(hit.at)].append(hit)
    for folder, found in folders.items():
        if len(found) < _FEWEST_TOGETHER:
            yield from found
            continue
        first, *others = found
        gone = f"The {named_together([modules[hit.at.path] for hit in found])} of {folder or 'the top folder'}"
        related = tuple(Stop(hit.at, f"also {hit.trail[0].label}") for hit in others)
        yield replace(first, details={**first.details, "what": gone}, related=related, variant="comment_files")


def _fills(at: Span, modules: dict[str, Definition]) -> bool:
    module = modules.get(at.path)
    return module is not None and 5 * (at.end_line - at.line + 1) >= 4 * module.end_line


def _of_note(note: Note, again: list[Note]) -> Hit:
    lines = [line.strip() for line in note.text.splitlines() if line.strip()]
    kind = "A query" if note.at.path.endswith(".sql") else "Code"
    what = f"{kind} of {len(lines)} lines" if len(lines) > 1 else f"`{lines[0]}`"
    return Hit(
        at=note.at,
        details={"what": what},
        keys=("kept", lines[0][:60]),
        confidence=Confidence.HINT if len(lines) < _FEWEST_KEPT or note.at.cell else Confidence.LIKELY,
        symbol=note.symbol,
        trail=(Stop(note.at, f"kept: {lines[0][:60]}"),),
        related=tuple(Stop(other.at, f"again: {other.at.path}") for other in again)[:MAX_STOPS],
        severity=Severity.INFO,
        variant="comment" if note.comment else "text",
    )
