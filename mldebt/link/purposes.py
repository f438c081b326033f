"""What files are for by what the whole repository says of them: modules that are only called like tests, copies in
the folders of builds, and packages that only are called like what is put aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mldebt.facts import FileFacts, Import, steps
from mldebt.link.notices import folders_of_others
from mldebt.source import Purpose, SourceFile, folders_above, put_aside

File = tuple[SourceFile, FileFacts]
_CASES = ("Test", "Tests", "TestCase")
_STAGE, _SUITE = "test", "tests"
_OUTPUTS = frozenset({"build", "dist"})
"""Folders into which builds copy what they put together; that they did, only their content tells."""


def settled(files: Sequence[File]) -> Sequence[File]:
    """The files with the purpose that their content and users give them.

    A name ends in `_test` or begins with `test_` where a test of statistics or the augmentation of test rows is meant,
    and the folder `test` of a package may hold the step that predicts: both are production code where nothing in them
    is a test and production code imports them. What a build copied, or is a part of a work of others, is nobody's to
    mend."""
    built = _built(files)
    files = [
        (replace(source, purpose=Purpose.GENERATED), facts) if _output(source.path) in built else (source, facts)
        for source, facts in files
    ] if built else files  # fmt: skip
    if theirs := folders_of_others(files):
        files = [(replace(source, purpose=Purpose.VENDORED) if _lies_in(source, theirs) else source, facts)
                 for source, facts in files]  # fmt: skip
    files = _without_live(files)
    called_so = {source.path for source, facts in files if _is_only_called_so(source, facts)}
    stages = {folder for source, _ in files if (folder := _stage(source.path))}
    called_so |= {source.path for source, facts in files if _stage(source.path) and _may_be_code(source, facts)}
    called_so -= {path for path in called_so if _stage(path) in _with_tests(files, stages)}
    wanted = _imported({path.rpartition("/")[2].removesuffix(".py") for path in called_so}, files) if called_so else ()
    return [
        (replace(source, purpose=Purpose.PRODUCTION), facts)
        if source.path in called_so and source.path.rpartition("/")[2].removesuffix(".py") in wanted
        else (source, facts)
        for source, facts in files
    ]


def _lies_in(source: SourceFile, folders: frozenset[str]) -> bool:
    return not folders.isdisjoint(folders_above(source.path))


def _without_live(files: Sequence[File]) -> Sequence[File]:
    """The files, those for production code that lie in a package which is called like what is put aside, and which
    production code imports."""
    names = {put_aside(source.path) for source, _ in files if source.purpose is Purpose.ASIDE}
    live = _named_in_imports(names, files) if names else frozenset[str]()
    return [
        (replace(source, purpose=Purpose.PRODUCTION), facts)
        if source.purpose is Purpose.ASIDE and put_aside(source.path) in live else (source, facts)
        for source, facts in files
    ] if live else files  # fmt: skip


def _named_in_imports(packages: set[str], files: Iterable[File]) -> frozenset[str]:
    """Those of some packages that production code names in imports."""
    found: set[str] = set()
    for source, facts in files:
        for unit in facts.units if source.purpose is Purpose.PRODUCTION else ():
            if any(name.encode() in unit.body for name in packages - found):
                imports = (step for step in steps(unit) if isinstance(step, Import))
                found |= packages & {name for step in imports for name in (*step.module.split("."), step.name)}
    return frozenset(found)


def _built(files: Iterable[File]) -> frozenset[str]:
    """The folders of builds most files of which stand elsewhere with the same content."""
    held: dict[str, list[str]] = defaultdict(list)
    elsewhere = set()
    for source, _ in files:
        if folder := _output(source.path):
            held[folder] += [source.digest] * (source.size > 0)
        else:
            elsewhere.add(source.digest)
    copied = {folder: sum(digest in elsewhere for digest in digests) for folder, digests in held.items()}
    return frozenset(folder for folder, count in copied.items() if 2 * count > len(held[folder]))


def _output(path: str) -> str:
    """The folder of a build in which a file lies; empty where there is none."""
    folders = path.split("/")[:-1]
    first = next((number for number, folder in enumerate(folders) if folder.lower() in _OUTPUTS), None)
    return "" if first is None else "/".join(folders[: first + 1])


def _may_be_code(source: SourceFile, facts: FileFacts) -> bool:
    return source.purpose is Purpose.TEST and facts.kind == "python" and not _tests(facts)


def _is_only_called_so(source: SourceFile, facts: FileFacts) -> bool:
    folders = source.path.lower().split("/")[:-1]
    return _may_be_code(source, facts) and not {_STAGE, _SUITE}.intersection(folders)


def _stage(path: str) -> str:
    """The folder `test` inside of a package in which a file lies; empty where there is none."""
    folders = path.lower().split("/")[:-1]
    if _SUITE in folders or folders.count(_STAGE) != 1 or folders[0] == _STAGE:
        return ""
    return "/".join(folders[: folders.index(_STAGE) + 1])


def _with_tests(files: Iterable[File], stages: set[str]) -> frozenset[str]:
    """The folders that hold a test, or a file that is called like one."""
    found = set()
    for source, facts in files if stages else ():
        stage = _stage(source.path)
        name = source.path.lower().rpartition("/")[2]
        named = name.startswith(("test_", "conftest")) or name.endswith("_test.py")
        if stage and (named or _tests(facts)):
            found.add(stage)
    return frozenset(found)


def _tests(facts: FileFacts) -> bool:
    """Whether a file defines a test: a function or a class that test runners look for."""
    return any(
        (unit.kind == "function" and unit.name.lower().startswith("test"))
        or (unit.kind == "class" and (unit.name.startswith("Test") or unit.name.endswith(_CASES)))
        for unit in facts.units
    )


def _imported(stems: set[str], files: Iterable[File]) -> frozenset[str]:
    """Those of some modules, by their last names, that production code imports."""
    found: set[str] = set()
    words = {stem: stem.encode() for stem in stems}
    for source, facts in files:
        if source.purpose is not Purpose.PRODUCTION:
            continue
        for unit in facts.units:
            asked = {stem for stem, word in words.items() if stem not in found and word in unit.body}
            for step in steps(unit) if asked else ():
                if isinstance(step, Import):
                    found |= asked & {step.name, step.module.rpartition(".")[2]}
    return frozenset(found)
