"""What files ask for, form by form: packages, whether they are pinned, other files, and bad lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.extract import read
from mldebt.facts import FileFacts
from mldebt.source import Kind


def facts(name: str, text: str, kind: Kind = Kind.REQUIREMENTS) -> FileFacts:
    return read(kind, text.encode(), name)


def asked(name: str, text: str, kind: Kind = Kind.REQUIREMENTS) -> list[str]:
    """Each package with `!` when it is pinned, and its group."""
    found = facts(name, text, kind)
    assert not found.troubles
    groups = [f" ({one.group})" if one.group else "" for one in found.requirements]
    return [one.name + "!" * one.pinned + group for one, group in zip(found.requirements, groups, strict=True)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("torch", ["torch"]),
        ("torch==2.1.0+cu118", ["torch!"]),
        ("torch===2.1", ["torch!"]),
        ("torch==2.1.*", ["torch!"]),
        ("torch==2.*", ["torch"]),
        ("torch>=2,<3", ["torch"]),
        ("torch~=2.1", ["torch"]),
        ("torch[cpu] == 2.1 ; python_version < '3.12'  # a comment", ["torch!"]),
        ("torch @ git+https://example.com/torch.git@4f1c2a9", ["torch!"]),
        ("torch @ git+https://example.com/torch.git@main", ["torch"]),
        ("git+https://example.com/acme/torch.git#egg=torch", ["torch"]),
        ("-e git+ssh://git@example.com/acme/torch.git@v1.2#egg=torch", ["torch!"]),
        ("https://example.com/torch-1.2-py3-none-any.whl", ["torch!"]),
        ("torch=2.1=py310_0", ["torch!"]),
        ("./local", []),
        ("-e .", []),
        ("--index-url https://example.com", []),
        ("torch==${VERSION}", []),
        ("torch --hash=sha256:ab", ["torch!"]),
        ("torch \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\nnumpy", ["torch!", "numpy"]),
    ],
)
def test_a_line_of_a_requirements_file(line: str, said: list[str]) -> None:
    assert asked("requirements.txt", line) == said


def test_other_files_are_told() -> None:
    found = facts("dev.txt", "-r base.txt\n--constraint=../limits.txt\n-cpins.txt\ntorch\n")
    assert [(one.kind, one.path) for one in found.references] == [
        ("requirements", "base.txt"), ("constraints", "../limits.txt"), ("constraints", "pins.txt"),
    ]  # fmt: skip


def test_a_bad_line_is_told_and_the_rest_is_read() -> None:
    text = "numpy==1.26\ncc3d connected components\ntorch>=2 --index-url https://example.com\npandas\n"
    found = facts("requirements.txt", text)
    assert [(one.code, one.start) for one in found.troubles] == [
        ("line-syntax", text.index("cc3d")), ("line-syntax", text.index("torch")),
    ]  # fmt: skip
    assert all(one.cure for one in found.troubles)
    assert [one.name for one in found.requirements] == ["numpy", "torch", "pandas"]


def test_prose_is_one_trouble() -> None:
    found = facts("requirements.txt", "The system shall be fast.\nIt shall be green.\nIt shall be cheap.\n")
    assert [one.text for one in found.troubles] == ["most lines of the file are no requirements"]


def test_places_are_those_of_the_requirement() -> None:
    text = "# head\n  torch>=2  # why\n"
    (one,) = facts("requirements.txt", text).requirements
    assert text[one.start : one.end] == "torch>=2"


def test_a_file_of_another_shell_is_read() -> None:
    found = read(Kind.REQUIREMENTS, "torch==2.1\r\nnumpy\r\n".encode("utf-16"), "requirements.txt")
    assert [(one.name, one.pinned) for one in found.requirements] == [("torch", True), ("numpy", False)]
    assert not found.troubles


PROJECT = """
[project]
dependencies = ["torch>=2", "numpy==1.26"]
[project.optional-dependencies]
gpu = ["cupy"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
[tool.poetry.dependencies]
python = "^3.10"
pandas = "^2.0"
polars = "1.2.3"
xgboost = {version = "*", optional = true}
ours = {path = "../ours"}
theirs = {git = "https://example.com/theirs.git", rev = "4f1c2a9"}
[tool.poetry.group.train.dependencies]
scipy = "1.11.*"
[tool.pdm.dev-dependencies]
test = ["hypothesis"]
[tool.uv]
constraint-dependencies = ["joblib==1.3"]
[tool.setuptools.dynamic]
dependencies = { file = ["requirements.txt"] }
"""


def test_a_project_file_in_all_its_forms() -> None:
    assert sorted(asked("pyproject.toml", PROJECT, Kind.SETTINGS)) == [
        "cupy (extra:gpu)", "hypothesis (group:test)", "joblib! (constraint)", "numpy!", "ours", "pandas", "polars!",
        "pytest (group:dev)", "scipy! (group:train)", "theirs!", "torch", "xgboost",
    ]  # fmt: skip
    found = facts("pyproject.toml", PROJECT, Kind.SETTINGS)
    assert [(one.kind, one.path) for one in found.references] == [("requirements", "requirements.txt")]
    torch = next(one for one in found.requirements if one.name == "torch")
    assert PROJECT[torch.start : torch.end] == '"torch>=2"'


def test_sources_of_a_project_may_pin_it() -> None:
    text = (
        '[project]\ndependencies = ["torch", "ours", "theirs"]\n[tool.uv.sources]\nours = { workspace = true }\n'
        'theirs = { git = "https://example.com/t.git", rev = "4f1c2a9" }\n'
    )
    assert asked("pyproject.toml", text, Kind.SETTINGS) == ["torch", "ours", "theirs!"]


def test_a_pipfile() -> None:
    text = (
        '[packages]\ntorch = "*"\nnumpy = "==1.26"\npandas = {version = ">=2", extras = ["x"]}\n'
        '[dev-packages]\npytest = "*"\n'
    )
    assert asked("Pipfile", text) == ["torch", "numpy!", "pandas", "pytest (group:dev)"]
    assert facts("Pipfile", "[packages\n").troubles[0].code == "syntax"


def test_a_conda_environment() -> None:
    text = (
        "name: x\ndependencies:\n  - python=3.10\n  - numpy=1.26\n  - conda-forge::pandas>=2\n  - torch\n  - scipy=1\n"
        "  - xgboost==2\n  - pip:\n    - polars==1.2\n    - -r extra.txt\n"
    )
    said = ["python!", "numpy!", "pandas", "torch", "scipy", "xgboost!", "polars!"]
    assert asked("environment.yml", text, Kind.SETTINGS) == said
    assert [one.path for one in facts("environment.yml", text, Kind.SETTINGS).references] == ["extra.txt"]


def test_a_conda_environment_of_any_name() -> None:
    text = "name: fit\nchannels:\n  - conda-forge\ndependencies:\n  - numpy=1.26\n  - pip:\n    - torch~=2.1\n"
    assert asked("fit.yml", text, Kind.SETTINGS) == ["numpy!", "torch"]
    assert asked("fit.yml", text.replace("channels", "ways"), Kind.SETTINGS) == []


def test_a_setup_cfg() -> None:
    text = (
        "[options]\ninstall_requires =\n    torch>=2\n    numpy==1.26 ; python_version > '3.8'\n"
        "[options.extras_require]\ndev = pytest\n"
    )
    assert asked("setup.cfg", text, Kind.SETTINGS) == ["torch", "numpy!", "pytest (extra:dev)"]
    torch, *_ = facts("setup.cfg", text, Kind.SETTINGS).requirements
    assert text[torch.start : torch.end] == "torch>=2"


def test_a_setup_py_is_read_and_never_run() -> None:
    text = (
        "from setuptools import setup\nNEEDS = ['torch>=2', 'numpy==1.26']\nraise SystemExit\n"
        "def main():\n    setup(install_requires=NEEDS, extras_require={'dev': ['pytest']})\n"
    )
    assert asked("setup.py", text, Kind.PYTHON) == ["torch", "numpy!", "pytest (extra:dev)"]
    text = "from setuptools import setup\nsetup(install_requires=open('r.txt').read().split())\n"
    worked_out = facts("setup.py", text, Kind.PYTHON)
    assert "open-requirements" in worked_out.flags


def test_the_install_lines_of_a_container_file() -> None:
    text = (
        "FROM --platform=linux/amd64 python:3.10 AS build\n# RUN pip install pandas\n"
        "RUN apt-get install -y git && \\\n    # why\n    pip install --no-cache-dir -r requirements.txt \\\n"
        "      torch 'numpy==1.26' -c pins.txt --index-url https://example.com \"scipy>=1\" && echo done\n"
        "RUN python -m pip install -U polars>=1 ./local *.whl $EXTRA; conda install -y -c conda-forge xgboost=2.0\n"
    )
    assert asked("Dockerfile", text) == ["torch", "numpy!", "scipy", "polars", "xgboost!"]
    found = facts("Dockerfile", text)
    assert [(one.kind, one.path) for one in found.references] == [
        ("image", "python:3.10"), ("requirements", "requirements.txt"), ("constraints", "pins.txt"),
    ]  # fmt: skip
    torch = found.requirements[0]
    assert text[torch.start : torch.end] == "torch"


def test_a_container_file_says_which_projects_and_lists_it_installs_without_a_lock() -> None:
    text = "FROM python\nRUN pip install -e .[serve] && uv pip install --system ../core -r needs.txt\n"
    taken = [(one.kind, one.path) for one in facts("Dockerfile", text).references if one.kind != "image"]
    assert taken == [("project", "."), ("project", "../core"), ("requirements", "needs.txt"), ("project", "needs.txt")]
    locked = facts("Dockerfile", f"{text}RUN poetry install\n")
    assert "project" not in {one.kind for one in locked.references}


def test_the_install_lines_of_a_notebook() -> None:
    cells = ["!pip install torch numpy==1.26 -q\n", "%pip install polars\n", "%%bash\npip install scipy\n", "x = 1\n"]
    notebook = {
        "cells": [{"cell_type": "code", "source": [cell], "metadata": {}, "outputs": []} for cell in cells],
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    assert asked("a.ipynb", json.dumps(notebook), Kind.NOTEBOOK) == ["torch", "numpy!", "polars", "scipy"]


PIPFILE_LOCK = {"_meta": {"hash": {"a": "b"}}, "default": {"torch": {"version": "==2.1"}}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "torch"\nversion = "2.1"\nsource = { registry = "x" }\n'),
        ("poetry.lock", '[[package]]\nname = "torch"\nversion = "2.1"\n\n[package.dependencies]\nname = "x"\n'),
        ("Pipfile.lock", json.dumps(PIPFILE_LOCK, indent=4)),
        ("conda-lock.yml", "package:\n- name: torch\n  version: 2.1\n  manager: conda\n"),
        ("requirements.lock", "torch==2.1\n"),
        ("requirements-lock.txt", "torch==2.1\n"),
    ],
)
def test_a_lock_file_holds_names(name: str, text: str) -> None:
    found = facts(name, text)
    assert [(one.name, one.specifier, one.pinned) for one in found.requirements] == [("torch", "==2.1", True)]
    assert found.flags == ("lock",)


def test_a_lock_file_in_a_form_that_nobody_knows_may_hold_anything() -> None:
    assert facts("uv.lock", "surprise").flags == ("lock", "open-requirements")


def test_a_secret_in_an_address_is_not_kept() -> None:
    found = facts("requirements.txt", "torch @ git+https://user:hunter2@example.com/torch.git@v1\n")
    assert "hunter2" not in repr(found)


NAMES = ("requirements.txt", "Pipfile", "Dockerfile", "uv.lock", "Pipfile.lock", "conda-lock.yml", "pixi.lock")
PIECES = st.sampled_from([
    "torch", "==", "1.2", "\n", "\\\n", " ", "-r", "--hash=", "[", "]", '"', "'", "pip install ", "{", "@", "#", "::",
    "http://",
])  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@given(text=st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join))
def test_no_text_is_an_exception_and_places_lie_inside(name: str, text: str) -> None:
    found = read(Kind.REQUIREMENTS, text.encode("utf-8", "replace"), name)
    assert all(0 <= one.start <= one.end <= len(text) for one in (*found.requirements, *found.references))


REPEATED = ("a", "pip install ", "1.", '[[package]]\nname = "', '        "a": {', "- name: a\n", "/a-1-", " --hash=")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NAMES)
def test_reading_takes_time_in_proportion(name: str) -> None:
    for piece in REPEATED:
        facts(name, piece * 20_000)
