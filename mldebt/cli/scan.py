"""`mldebt scan`: findings out, and the exit code that says whether there are any."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import click

from mldebt import analysis, rulebook
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, folders_and_files, how_to_read, inside_work_tree, words
from mldebt.cli.output import check_writable, look, target, watched, write
from mldebt.cli.progress import progress, warning
from mldebt.config import FAIL_LEVELS, PROFILES
from mldebt.findings import Finding, Report
from mldebt.render import concise, github, gitlab, junit, markdown, rdjson, sarif, statistics, terminal
from mldebt.render import json as json_format
from mldebt.render.options import Options
from mldebt.render.safe import visible
from mldebt.roles import Confidence

FORMATS: Mapping[str, Callable[[Report, Options], str]] = MappingProxyType(
    {
        "full": terminal.render,
        "concise": concise.render,
        "json": json_format.render,
        "github": github.render,
        "sarif": sarif.render,
        "markdown": markdown.render,
        "gitlab": gitlab.render,
        "junit": junit.render,
        "rdjson": rdjson.render,
        "statistics": statistics.render,
    }
)


Output = tuple[str, Path | None]


def _outputs(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Output, ...]:
    """`sarif:out.sarif`, `github`. Raises click.BadParameter."""
    found: list[Output] = []
    for value in values:
        form, _, file = value.partition(":")
        if form not in FORMATS:
            cure = f"Write FORMAT or FORMAT:FILE, the format being one of {', '.join(FORMATS)}. For a file alone: -o"
            raise click.BadParameter(f"{visible(repr(form))} is no format. {cure}", param=param)
        found.append((form, Path(file) if file else None))
    return tuple(found)


def _wanted(form: str | None, output: Path | None, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """All that is to be written. Raises click.ClickException."""
    short = ((form or "full", output),) if form or output or not outputs else ()
    wanted = tuple((name, target(file)) for name, file in (*short, *outputs))
    printed = [name for name, file in wanted if file is None]
    if len(printed) > 1:
        cure = f"Give one a file: --output {printed[0]}:FILE"
        raise click.UsageError(f"{' and '.join(printed)} would both be printed. {cure}")
    for _, file in wanted:
        check_writable(file)
    return wanted


@click.command("scan", short_help=SUMMARIES["scan"])
@click.argument("paths", callback=folders_and_files, nargs=-1, metavar="[PATH]...")
@how_to_read
@click.option("--profile", type=click.Choice(PROFILES), help="How many rules to apply [default: core].")
@click.option("--select", multiple=True, callback=words, metavar="RULE,...",
              help="Only these rules or families.")
@click.option("--ignore", multiple=True, callback=words, metavar="RULE,...",
              help="Not these rules or families.")
@click.option("--env", "environment", default="", metavar="NAME",
              help="The environment whose settings hold, where files are named for several (prod, staging).")
@click.option("--min-confidence", type=click.Choice([level.value for level in Confidence]),
              help="Leave out what is less sure [default: likely].")
@click.option("--fail-level", type=click.Choice(FAIL_LEVELS),
              help="Exit with 1 from this severity on [default: error].")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--allow-incomplete", is_flag=True, help="Do not exit with 2 when something was not finished.")
@click.option("--base", default="", metavar="REF", help="Tell only what is new since this revision of git.")
@click.option("--staged", is_flag=True, help="Read what git has staged, in place of the work tree.")
@click.option("--no-baseline", is_flag=True, help="Tell also what the baseline knows.")
@click.option("--fail-on-stale-baseline", is_flag=True, help="Exit with 1 when entries of the baseline are gone.")
@click.option("--output-format", "form", type=click.Choice(list(FORMATS)), help="One form of output [default: full].")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write it to a file instead of standard output.")
@click.option("--output", "outputs", multiple=True, callback=_outputs, metavar="FORMAT[:FILE]",
              help="Another form of output; may be given several times.")
@click.option("--statistics", "form", flag_value="statistics", help="Count findings by rule, in place of listing them.")
@click.option("--all", "everything", is_flag=True, help="List every finding.")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="List this many findings.")
@click.option("--owner", "owners", multiple=True, metavar="NAME",
              help="Only what belongs to this owner, as CODEOWNERS says; may be given several times.")
@click.option("--sort", type=click.Choice(["severity", "path"]), default="severity", show_default=True,
              help="What comes first: what weighs most and reaches furthest, or the files in their order.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
              help="Colours, by default where a terminal shows them and NO_COLOR is not set.")
def command(
    paths: tuple[Paths, Paths], facts: Paths, workers: int | None, kept: Kept,
    profile: str | None, select: tuple[str, ...], ignore: tuple[str, ...], environment: str, min_confidence: str | None,
    fail_level: str | None, exit_zero: bool, allow_incomplete: bool, base: str, staged: bool, no_baseline: bool,
    fail_on_stale_baseline: bool, form: str | None, output: Path | None,
    outputs: tuple[Output, ...], everything: bool, top: int | None, owners: tuple[str, ...], sort: str,
    color: str,
) -> int:
    """Report the hidden technical debt of a repository.

    PATH is the repository's folder, by default the one you are in. Nothing in it is run. Several make one
    graph; paths then begin with the folder's name.

    Files that are named restrict the report, never the analysis: what has its best place, a step of its trail
    or another place in one of them is told.

    Exit code: 0 nothing at or above --fail-level, 1 findings, 2 usage, configuration or incomplete.
    """
    (roots, files), wanted = paths, _wanted(form, output, outputs)
    started = time.monotonic()
    asked = {
        "profile": profile,
        "select": select,
        "ignore": ignore,
        "min_confidence": Confidence(min_confidence) if min_confidence else None,
        "fail_level": fail_level,
        "workers": workers,
        "allow_incomplete": allow_incomplete or None,
    }
    with explained():
        parts = analysis.repositories(roots, asked, facts)
        request = analysis.ScanRequest(
            **kept, warn=warning(), baseline=not no_baseline, progress=progress(),
            environment=environment,
            line_hashes=any(name == "sarif" for name, _ in wanted), base=base, staged=staged,
            files=analysis.reported_on(parts, files), owners=owners, today=date.today(),
        )
        report = analysis.scan_all(parts, request)
    code = _exit_code(report, parts, exit_zero) or int(fail_on_stale_baseline and report.baseline and report.stale > 0)
    given = (*roots, *files, *(word for file in facts for word in ("--facts", file)))
    target = shlex.join(map(str, given)) or "."
    for name, file in wanted:
        options = replace(
            look(file, color),
            everything=everything,
            top=top or 0,
            target=target,
            alone=len(parts) == 1 and not files and not facts,
            elapsed=time.monotonic() - started if watched() else None,
            exit_code=code,
            prefix=inside_work_tree(roots or (Path(),)),
        )
        write(FORMATS[name](_by_path(report) if sort == "path" else report, options), file)
    return code


def _exit_code(report: Report, parts: Sequence[analysis.Repository], exit_zero: bool) -> int:
    """2 for a scan that is not complete, else 1 when something fails the run by its repository's level, else 0."""
    if not finished(report.complete, parts):
        return 2
    fails = not exit_zero and rulebook.failing(report, lambda path: analysis.owner(parts, path).config.fail_level)
    return 1 if fails else 0


def _by_path(report: Report) -> Report:
    """The same report in the order of files."""

    def place(finding: Finding) -> tuple[object, ...]:
        at = finding.at
        return (at.path, at.cell, at.line, at.column, finding.rule, finding.fingerprint)

    return replace(report, findings=tuple(sorted(report.findings, key=place)))
