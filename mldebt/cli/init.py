"""`mldebt init`: configuration, baseline, hook and workflow, so that a team starts at zero new findings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from mldebt import __version__, analysis, config
from mldebt.amending import CannotAmend
from mldebt.amending_yaml import has_yaml_pair, with_yaml_item
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, folder, how_to_read_one
from mldebt.cli.output import write
from mldebt.cli.progress import progress
from mldebt.render.count import counted
from mldebt.render.safe import visible
from mldebt.suppress.baseline import FILE as BASELINE_FILE
from mldebt.suppress.baseline import entry_of, written

HOOK_FILE = ".pre-commit-config.yaml"
WORKFLOW_FILE = ".github/workflows/mldebt.yml"
HOOKS = ("mldebt", "mldebt-all")
FOR_HOOKS = "pre-commit install puts it in force"
BY_HAND = "what to add to it stands below"


@dataclass(frozen=True, slots=True)
class Part:
    """A file that is to be written, what it is for, why it is kept as it is (empty where it is written), and what is
    done."""

    path: str
    text: str
    use: str
    kept: str = ""
    done: str = "written"


@click.command("init", short_help=SUMMARIES["init"])
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@how_to_read_one
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(root: Path, workers: int | None, kept: Kept, force: bool) -> int:
    """Set up a repository: start at zero new findings.

    Writes a configuration to begin with, the findings of today as the baseline, a hook for pre-commit, and a workflow
    for pull requests on GitHub. Files that are there are kept and told; to other hooks its own is added.
    """
    with explained():
        parts = analysis.repositories((root,), {"workers": workers})
        request = analysis.ScanRequest(**kept, baseline=False, progress=progress(), today=date.today())
        found = analysis.compared(parts, request)
    if not found.reading.complete and not parts[0].config.allow_incomplete:
        raise click.ClickException("The scan is incomplete, and nothing was written. mldebt problems says why.")
    known = [entry_of(one) for one in found.findings if not one.suppressed]
    wanted = tuple(_parts(root, written(known), len(known), parts[0].config.file, force))
    for part in wanted:
        if part.kept:
            click.echo(f"kept     {part.path}   {part.kept}")
            continue
        file = root / part.path
        file.parent.mkdir(parents=True, exist_ok=True)
        write(part.text, file)
        click.echo(f"{part.done:<7}  {part.path}   {part.use}")
    click.echo(f"\nFrom now on mldebt scan {visible(str(root))} tells what is new. Commit these files.")
    if any(part.kept.endswith(BY_HAND) for part in wanted):
        click.echo(f"\nFor the repos of {HOOK_FILE}:\n" + HOOK.partition("\n")[2], nl=False)
    return 0


def _parts(root: Path, baseline: str, known: int, configured: str, force: bool) -> Iterator[Part]:
    why = "" if force else "is there already; --force replaces it"
    said = f"{configured} has a configuration" if configured and configured != config.OWN_FILE else ""
    kept = said or _there(root, config.OWN_FILE, why)
    yield Part(config.OWN_FILE, CONFIGURATION, "what to read, apply and excuse", kept)
    yield Part(BASELINE_FILE, baseline, f"{counted(known, 'finding')} of today", _there(root, BASELINE_FILE, why))
    yield _hook(root / HOOK_FILE)
    yield Part(WORKFLOW_FILE, WORKFLOW, "what a pull request adds", _there(root, WORKFLOW_FILE, why))


def _hook(file: Path) -> Part:
    """The hook in a file of its own, or beside those that are there: others' hooks and comments are never lost."""
    if not file.exists():
        return Part(HOOK_FILE, HOOK, FOR_HOOKS)
    try:
        text = file.read_bytes().decode("utf-8")
        if any(has_yaml_pair(text, "id", name) for name in HOOKS):
            return Part(HOOK_FILE, "", "", "has the hook already")
        item = textwrap.dedent(HOOK.partition("\n")[2])
        return Part(HOOK_FILE, with_yaml_item(text, "repos", item), f"the hook is added; {FOR_HOOKS}", done="amended")
    except (CannotAmend, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, CannotAmend) else "it is no UTF-8"
        return Part(HOOK_FILE, "", "", f"is there already, and {why}; {BY_HAND}")


def _there(root: Path, path: str, why: str) -> str:
    return why if (root / path).exists() else ""


CONFIGURATION = """\
# What mldebt reads, applies and excuses here. mldebt config show prints all keys and what is in force.
# A line that begins with `#` is an example.

# exclude = ["sandbox/"]            # gitignore patterns of files to leave unread
# profile = "full"                  # all rules; "core" are those that are sure most often
# fail-level = "warning"            # a run fails from this severity on; by default "error"
# catalogue = ["mldebt-catalogue.toml"]  # what readers and writers of your own mean: mldebt catalogue add

# [per-file-ignores]
# "notebooks/**" = ["hardcoded-config"]

# [[exceptions]]                    # mldebt ignore FINGERPRINT --reason ... writes one
# artifact = "s3://lake/scores/*"
# rule = "undeclared-consumer"
# reason = "the dashboard goes in spring"
# until = 2031-03-31
"""

HOOK = """\
repos:
  - repo: local
    hooks:
      # Debt lies between files: the whole repository is read, and what the staged content adds is told.
      - id: mldebt
        name: mldebt (new findings only)
        entry: mldebt scan . --staged --base HEAD --fail-level warning --output-format concise
        language: system
        types: [text]
        pass_filenames: false
        require_serial: true
"""

WORKFLOW = f"""\
name: mldebt
on:
  pull_request:
  push:
    branches: [main, master]
permissions:
  contents: read
jobs:
  mldebt:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          fetch-depth: 0  # the base of the pull request has to be there
          persist-credentials: false
      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
        with:
          python-version: "3.12"
      # Until there is a release: "mldebt @ git+https://<where the repository is>@<commit>"
      - run: python -m pip install "mldebt=={__version__}"
      - name: What this pull request adds
        if: github.event_name == 'pull_request'
        env:
          BASE: origin/${{{{ github.base_ref }}}}
        run: mldebt scan . --base "$BASE" --output github --output "markdown:$GITHUB_STEP_SUMMARY"
      - name: What is not in the baseline
        if: github.event_name != 'pull_request'
        run: mldebt scan . --output github --output "markdown:$GITHUB_STEP_SUMMARY"
"""
