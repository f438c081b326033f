"""Tests of what is shipped: the built wheel holds the rules and schemas, and works elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomli

ROOT = Path(__file__).parents[1]
SHIPPED = {".py", ".toml", ".json", ".md", ".typed", ".html", ".css", ".js"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: nothing is written in the checkout, no old build is picked up."""
    copy, out = tmp_path_factory.mktemp("source") / "mldebt", tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "-w", str(out), str(copy)], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("mldebt-*.whl")
    return built


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> set[str]:
    """The files of the wheel, without its metadata."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.mark.slow
def test_every_rule_row_schema_and_module_is_in_the_wheel(shipped: set[str]) -> None:
    rules = {f"mldebt/{file.relative_to(ROOT).as_posix()}" for file in (ROOT / "rules").rglob("*.toml")}
    rules |= {"mldebt/rules/__init__.py", "mldebt/rules/schema.md"}
    modules = {
        file.relative_to(ROOT).as_posix() for file in (ROOT / "mldebt").rglob("*") if file.suffix in SHIPPED
    }
    assert rules
    assert shipped == rules | modules


@pytest.mark.slow
def test_the_licence_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = (name for name in archive.namelist() if name.endswith("LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


@pytest.mark.slow
def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere and found before anything else, it lists every rule there is."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "sys.meta_path[:] = [one for one in sys.meta_path if 'editable' not in repr(one).lower()]\n"
        "import mldebt; print(mldebt.__file__)\n"
        "from mldebt.cli import main; main(['rules', '--output-format', 'names'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    where, *slugs = done.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert sorted(slugs) == sorted(card.stem for card in (ROOT / "rules" / "cards").glob("*.toml"))


def test_the_list_of_packages_is_complete() -> None:
    """`packages` is written by hand, because `rules/` is mapped into the package."""
    listed = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found = {
        ".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "mldebt").rglob("__init__.py")
    }
    assert sorted(listed) == sorted(found | {"mldebt.rules"})
