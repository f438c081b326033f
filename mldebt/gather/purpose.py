"""What a file is and why it exists, by its name, its place and its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import PurePosixPath

from mldebt.source import Kind, Purpose, put_aside

JSON_LIMIT = 1024 * 1024
SQL_LIMIT = 2 * 1024 * 1024
HEAD = 1024

_SUFFIXES = {
    ".sql": Kind.SQL,
    ".sqlx": Kind.SQL,
    ".py": Kind.PYTHON,
    ".pyw": Kind.PYTHON,
    ".ipynb": Kind.NOTEBOOK,
    **dict.fromkeys((".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".env", ".tf", ".tfvars"), Kind.SETTINGS),
}
_COMMANDS = re.compile(r"^(?:(?:gnu)?makefile|snakefile|procfile)$|\.(?:mk|smk|sh|bash)$")
_PIPELINES = re.compile(r"^(?:mlproject|dvc\.lock|.+\.dvc)$")
_REQUIREMENTS = re.compile(
    r"(?:[\w.-]*[_.-])?(?:requirements|constraints)(?:[_.-]?[\w.-]*)?\.(?:txt|in|lock)|requirements(?:\.lock)?|pipfile"
    r"|req(?:s|uir[a-z]*)?\.(?:txt|in)"  # however it is spelled
    r"|(?:poetry|uv|pdm|pixi|pipfile)\.lock|pylock(?:\.[\w-]+)?\.toml|(?:[\w.-]*[._-])?(?:conda|mamba)-lock\.ya?ml"
    r"|(?:docker|container)file(?:\.[\w.-]+|-[\w-]+)?|[\w.-]+\.(?:docker|container)file"
)
_NO_REQUIREMENTS = (".dockerignore", ".containerignore", ".md", ".sh", ".py")
_LOCK = re.compile(r"(?:^|[._-])lock\.(?:json|ya?ml|toml)$|^npm-shrinkwrap\.json$")
_SHEBANG = re.compile(rb"#![^\n]*\bpython[\d.]*[uw]?\b")
_GENERATED = re.compile(
    rb"^[ \t]*(?:#|;|//)(?:.*@generated\b|.*\bdo not edit\b|"
    rb"\W*(?:(?:this|the) )?(?:(?:code|file|module) )?(?:(?:is|was|has been) )?"
    rb"(?:auto(?:matically)?[ -]?)?generated (?:automatically|by|from|with)\b)",
    re.IGNORECASE,
)
_COMPILED = re.compile(
    rb"\A# PIPELINE DEFINITION\r?\n# Name:|^[ \t]+(?:annotations:[ \t]*\{)?[\w.-]+/\w*sdk_version:", re.MULTILINE
)
"""How a pipeline begins that was made of code: with the interface it has, or with what made it."""
_REQUIREMENT_FOLDERS = frozenset({"requirements", "requirement", "constraints", "reqs"})
_TESTING = re.compile(rb"^[ \t]*(?:(?:async )?def test|class Test|assert\b)|\b(?:pytest|unittest)\b", re.MULTILINE)
_TESTS = re.compile(r"tests?|[\w.-]+[_-]tests|tests[_-][\w.-]+")
_EXAMPLES = frozenset({
    "doc", "docs", "documentation", "example", "examples", "exercise", "exercises", "tutorial", "tutorials",
})  # fmt: skip
_RUNS = frozenset({"mlruns", "mlartifacts"})
"""Folders in which a tracker keeps what runs gave it, with copies of their code."""
_BUILT = frozenset({("target", "compiled"), ("target", "run"), ("build", "lib")})
"""Folders to which a project of queries writes what it made of its models, and a package copies of its code."""
_BUILDS = (".egg-info", ".dist-info")
"""What a build writes down of a package: its lists say again what the package asks for."""
_METADATA = re.compile(r"(?P<folder>(?:.*/)?)(?P<name>[\w.]+)-[^/-]+\.dist-info/[^/]+$")
_COPIED = re.compile(r"(?:^|/)\.[^/]+/worktrees/")
"""Where tools keep copies of the whole repository."""
_VENDORED = frozenset({"vendor", "_vendor", "third_party", "third-party", "thirdparty", "node_modules"})


def kind_of(path: str, size: int) -> Kind:
    """What a file is by its name; `size` in bytes, as large JSON files hold data and no settings,
    and large files of SQL are dumps."""
    name = path.rpartition("/")[2].lower()
    if name == ".env" or name.startswith(".env."):
        return Kind.SETTINGS
    if _PIPELINES.match(name):
        return Kind.SETTINGS
    if _COMMANDS.search(name):
        return Kind.COMMANDS
    if _is_requirements(path.lower(), name):
        return Kind.REQUIREMENTS
    kind = _SUFFIXES.get(PurePosixPath(name).suffix, Kind.OTHER)
    data = (name.endswith(".json") and size > JSON_LIMIT) or (kind is Kind.SQL and size > SQL_LIMIT)
    return Kind.OTHER if data or _LOCK.search(name) else kind


def may_be_script(path: str) -> bool:
    """Whether only the first line can tell if the file is Python: its name has no ending."""
    return "." not in path.rpartition("/")[2]


def is_script(head: bytes) -> bool:
    """Whether a file that begins with `head` asks to be run by Python."""
    return _SHEBANG.match(head) is not None


def purpose_by_name(path: str) -> Purpose:
    """Why a file exists that could not be read, as far as its name and place tell."""
    return purpose_of(path, kind_of(path, 0), b"")


def purpose_of(path: str, kind: Kind, data: bytes) -> Purpose:
    """Why the file at `path` with the content `data` exists; without content, as far as its name and place tell."""
    *folders, name = path.lower().split("/")
    if _VENDORED.intersection(folders):
        return Purpose.VENDORED
    if _COPIED.search(path):
        return Purpose.GENERATED
    left = not _RUNS.isdisjoint(folders) or any(pair in _BUILT for pair in pairwise(folders))
    left = left or any(folder.endswith(_BUILDS) for folder in folders)
    if name.endswith(("_pb2.py", "_pb2_grpc.py")) or left or _is_generated(kind, data):
        return Purpose.GENERATED
    if any(map(_TESTS.fullmatch, folders)) or _is_test(name, data):
        return Purpose.TEST
    if put_aside(path):
        return Purpose.ASIDE
    shown = _EXAMPLES.intersection(folder.strip("_") for folder in folders[:2])
    if shown or any("{{" in folder for folder in folders):  # a template of a project
        return Purpose.EXAMPLE
    return Purpose.PRODUCTION


def installed(paths: Iterable[str]) -> frozenset[str]:
    """The packages and modules beside which an installer put their metadata, by their paths without an ending."""
    found = (match for path in paths if (match := _METADATA.match(path)) is not None)
    return frozenset(match["folder"] + match["name"].lower() for match in found)


def is_installed(path: str, packages: frozenset[str]) -> bool:
    """Whether a file is one of such a package."""
    parts = path.split("/")
    ends = (index for index in range(len(parts)) if parts[index])
    above = ("/".join((*parts[:index], parts[index].removesuffix(".py").lower())) for index in ends)
    return bool(packages) and any(one in packages for one in above)


def _is_requirements(path: str, name: str) -> bool:
    if name.endswith(_NO_REQUIREMENTS):
        return False
    folder = PurePosixPath(path).parent.name
    listed = folder in _REQUIREMENT_FOLDERS and name.endswith((".txt", ".in"))
    return listed or _REQUIREMENTS.fullmatch(name) is not None


def _is_test(name: str, data: bytes) -> bool:
    """Whether a file tests code; one that ends in `_test`, or is called `tests` alone, may as well be about the rows
    that are called so."""
    stem, _, suffix = name.rpartition(".")
    about = (stem.endswith("_test") or stem == "tests") and (not data or _TESTING.search(data) is not None)
    return suffix == "py" and (stem == "conftest" or stem.startswith("test_") or about)


def _is_generated(kind: Kind, head: bytes) -> bool:
    lines = head[:HEAD].split(b"\n", 5)[:5]
    made = kind is Kind.SETTINGS and _COMPILED.search(head[:HEAD]) is not None
    return made or (kind in (Kind.PYTHON, Kind.SETTINGS) and any(_GENERATED.match(line) for line in lines))
