"""Jobs of hosted runners: workflows of GitHub Actions, pipelines of GitLab CI."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mldebt.declarations import Command, Task
from mldebt.link.pipelines.tree import Tree

_NO_JOBS = frozenset({
    "default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script",
    "after_script", "pages:deploy", "spec",
})  # fmt: skip
_USUAL = (".pre", "build", "test", "deploy", ".post")
_ASKED_FOR = frozenset({
    "pull_request", "pull_request_target", "merge_group", "merge_requests", "external_pull_requests",
})  # fmt: skip
_OF_A_REQUEST = re.compile(r"merge_request_event|external_pull_request_event|CI_MERGE_REQUEST_")


def workflow(root: Tree) -> Iterator[Task]:
    """The jobs of a workflow, with what they need. Each step may run in a folder of its own."""
    tries = any(event.said in _ASKED_FOR for event in root["on"].entries())
    usual = root.at("defaults", "run", "working-directory").value or ""
    for job in root["jobs"]:
        own = job.at("defaults", "run", "working-directory").value or usual
        commands = tuple(itertools.chain.from_iterable(_run(step, own) for step in job["steps"]))
        needs = tuple(one.said for one in job["needs"].entries())
        yield Task(job.name, needs, commands, job.start, job.end, tries=tries)


def gitlab(root: Tree) -> Iterator[Task]:
    """The jobs of a pipeline: by `needs`, else each stage comes after those before it."""
    jobs = [job for job in root if job.name not in _NO_JOBS and (job["script"] or job["extends"])]
    stages = [stage.said for stage in root["stages"].entries()] or list(_USUAL)
    by_stage = {stage: [job.name for job in jobs if _stage(job, root) == stage] for stage in stages}
    for job in jobs:
        at = stages.index(_stage(job, root)) if _stage(job, root) in stages else 0
        before = next((by_stage[stage] for stage in reversed(stages[:at]) if by_stage[stage]), [])
        needs = [one["job"].value or one.said for one in job["needs"].entries()] if job["needs"] else before
        script = _inherited(job, root, "script")
        commands = tuple(command for line in script.entries() for command in _lines(line, ""))
        yield Task(job.name, tuple(needs), commands, job.start, job.end, tries=_is_asked_for(job, root))


def _is_asked_for(job: Tree, root: Tree) -> bool:
    """Whether a request to merge runs a job."""
    only = _inherited(job, root, "only")
    when = (*only.entries(), *only["refs"].entries())
    rules = (*_inherited(job, root, "rules"), *root.at("workflow", "rules"))
    asked = (rule["if"].value or "" for rule in rules if rule["when"].value != "never")
    return any(one.said in _ASKED_FOR for one in when) or any(map(_OF_A_REQUEST.search, asked))


def _run(step: Tree, folder: str) -> Iterator[Command]:
    own = step["working-directory"].value or folder
    yield from _lines(step["run"], own)


def _lines(line: Tree, folder: str) -> Iterator[Command]:
    """The lines of one script; a backslash joins two."""
    text = (line.value or "").replace("\\\n", " ")
    for said in filter(None, map(str.strip, text.splitlines())):
        yield Command(f"cd {folder} && {said}" if folder else said, line.start, line.end)


def _stage(job: Tree, root: Tree) -> str:
    return _inherited(job, root, "stage").value or "test"


def _inherited(job: Tree, root: Tree, key: str) -> Tree:
    """What a job says, or one that it extends."""
    for _ in range(8):
        if job[key]:
            return job[key]
        extended = next((one.said for one in job["extends"].entries()), "")
        if not extended or not root[extended]:
            break
        job = root[extended]
    return Tree()
