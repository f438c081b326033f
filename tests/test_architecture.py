"""Tests of the house rules: imports flow one way, and no library is named outside the catalogue."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
import tomli
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "mldebt").rglob("*.py"))
NAMES = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in MODULES}
LONGEST_FILE = 400
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "base", "core", "misc"}

# Libraries whose names are words of English or of a format: the engine may use the word, not import it.
WORDS = {
    "toml", "datasets", "transformers", "requests", "evaluate", "accelerate", "hydra", "feast", "ray", "dvc",
    "implicit", "surprise",
}  # fmt: skip

# What notebooks say in their own format, names of magics and of kernels, and the names of files that other programs
# keep, such as those of a pipeline, and of dialects of SQL: not calls of a library.
ALLOWED = {
    "mldebt/link/describe.py": {"azure"},
    "mldebt/extract/magics.py": {"pyspark", "wandb", "mlflow"},
    "mldebt/extract/notebook.py": {"pyspark"},
    "mldebt/extract/sql_statement.py": {"duckdb", "snowflake"},
    "mldebt/config.py": {"duckdb", "snowflake"},
    "mldebt/graph/bound_to_machines.py": {"elasticsearch", "kafka", "redis"},  # schemes of addresses
    "mldebt/render/graph.py": {"box"},  # a shape
}


def library_names() -> frozenset[str]:
    """Import roots that the catalogue describes, but for the standard library and what mldebt uses itself."""
    named = {"pandas", "numpy", "sklearn", "torch", "tensorflow", "xgboost", "mlflow", "pyspark"}
    for file in (ROOT / "rules" / "catalogue").glob("*.toml"):
        named |= {package.partition(".")[0] for package in tomli.loads(file.read_text("utf-8"))["packages"]}
    needed = [need for need in requires("mldebt") or () if "extra ==" not in need]
    own = {re.split(r"[^\w-]", need)[0].lower() for need in needed} | {"yaml", "environ"}  # which `os` has, too
    return frozenset(named - sys.stdlib_module_names - own)


def test_the_layers_hold() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_a_broken_layer_is_seen(tmp_path: Path) -> None:
    """The contracts are run over a copy in which a check imports what it must not."""
    package = tmp_path / "mldebt"
    for file in MODULES:
        copy = package / file.relative_to(ROOT / "mldebt")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    (package / "checks" / "astray.py").write_text("import libcst\nimport mldebt.facts\n", "utf-8")
    (package / "utils.py").write_text("", "utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from importlinter.cli import lint_imports\n"
        f"sys.exit(lint_imports({str(tmp_path / 'pyproject.toml')!r}, no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1, done.stderr
    broken = {line.strip().removesuffix(" BROKEN") for line in done.stdout.splitlines() if "BROKEN" in line}
    assert broken == {
        "The pipeline flows one way",
        "Checks know the graph, roles, findings, trail and source alone",
        "libcst stays in extract",
    }


def test_no_modules_import_each_other_in_a_circle() -> None:
    """One that the order of imports hides breaks for whoever imports another module of it first."""
    wanted = {name: set(imported_at_once(file)) for name, file in NAMES.items()}
    assert circle(wanted) == set()


def test_a_circle_of_imports_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"a"}}) >= {"a", "b", "c"}


def circle(wanted: dict[str, set[str]]) -> set[str]:
    """What is left when whatever imports nothing that is left has gone: the circles, and who imports them."""
    left = wanted
    while ready := {name for name, others in left.items() if not others & left.keys() - {name}}:
        left = {name: others for name, others in left.items() if name not in ready}
    return set(left)


def imported_at_once(file: Path) -> Iterator[str]:
    """The modules that a module names as soon as it is imported itself."""
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & NAMES.keys()
            yield from inner or {node.module}


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_names_no_library_that_the_catalogue_describes(file: Path) -> None:
    allowed = ALLOWED.get(file.relative_to(ROOT).as_posix(), set())
    tree = ast.parse(file.read_text("utf-8"))
    assert sorted(set(named_libraries(tree, library_names() - allowed))) == []


def test_a_library_name_in_engine_code_is_seen() -> None:
    source = (
        '"""Docstrings may speak of pandas."""\n'
        "import torch.nn\n"
        "from sklearn import svm\n"
        "transformers = ['numpy', 'a sentence on xgboost', 'mlflow.log_metric', 'transformers']\n"
        "tensorflow = 1\n"
        "import transformers\n"
    )
    found = named_libraries(ast.parse(source), library_names() | {"transformers"})
    assert sorted(found) == [
        "2: torch", "3: sklearn", "4: mlflow", "4: numpy", "4: xgboost", "5: tensorflow", "6: transformers",
    ]  # fmt: skip


def named_libraries(tree: ast.Module, libraries: frozenset[str]) -> Iterator[str]:
    """`line: library` for each import, identifier and string outside docstrings that names one."""
    docstrings = {id(node) for node in _docstrings(tree)}
    strict = libraries - WORDS
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from _hits(node.lineno, {alias.name.partition(".")[0] for alias in node.names}, libraries)
        elif isinstance(node, ast.ImportFrom):
            yield from _hits(node.lineno, {(node.module or "").partition(".")[0]}, libraries)
        elif isinstance(node, ast.Name):
            yield from _hits(node.lineno, {node.id}, strict)
        elif isinstance(node, (ast.arg, ast.Attribute)):
            yield from _hits(node.lineno, {node.arg if isinstance(node, ast.arg) else node.attr}, strict)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from _hits(node.lineno, set(re.findall(r"\w+", node.value)), strict)


def _hits(line: int, names: set[str], libraries: frozenset[str]) -> Iterator[str]:
    return (f"{line}: {name}" for name in sorted(names & libraries))


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """The strings that stand alone: docstrings of modules, classes, functions, fields and constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_is_small_documented_and_named_for_what_it_holds(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    assert file.stem not in FORBIDDEN_NAMES
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module opens with what lives in it"
