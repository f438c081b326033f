"""Whether every step and every edge that a pipeline's definition declares is in the graph, for repositories given.

    python benchmarks/pipelines.py PATH...

The definitions are read here a second time, plainly and apart from mldebt: `dvc.yaml` (stages, deps, outs,
metrics, plots; of repeated stages each copy whose values are written out), compose files (services that are built here,
`depends_on`), workflows of GitHub (jobs that run a script, `needs`). Printed is what is declared, what of it is in the
graph, and what is not.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mldebt import analysis
from mldebt.graph import EdgeKind, Graph

_SCRIPT = re.compile(r"\bpython3? [\w./-]+\.py\b")
Claim = tuple[str, str, str]  # definition, step, what is declared: `in PATH`, `out PATH`, `after STEP`, or nothing


def main(paths: list[str]) -> int:
    """Prints the table. 2 when no repository is given, 1 when something declared is missing."""
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    lost = 0
    print(f"{'declared':>9} {'in graph':>9}   repository")
    for path in map(Path, paths):
        declared = sorted({claim for file in sorted(path.rglob("*.y*ml")) for claim in claims(path, file)})
        known = set(in_graph(analysis.read(path, analysis.ScanRequest(cache=False)).graph))
        missing = [claim for claim in declared if claim not in known]
        print(f"{len(declared):>9} {len(declared) - len(missing):>9}   {path.resolve().name}")
        for claim in missing:
            print("          missing:", *claim)
        lost += len(missing)
    return 1 if lost else 0


def claims(root: Path, file: Path) -> Iterator[Claim]:
    """What one definition declares; nothing for other files."""
    path = file.relative_to(root).as_posix()
    try:
        whole = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return
    if not isinstance(whole, dict) or "/." in f"/{path}".replace("/.github/", "/"):
        return
    if file.name == "dvc.yaml":
        yield from _stages(path, whole)
    elif ".github/workflows/" in path:
        jobs = {name: job for name, job in (whole.get("jobs") or {}).items() if _SCRIPT.search(str(job))}
        for name, job in jobs.items():
            needs = job.get("needs") or []
            yield path, name, ""
            named = [needs] if isinstance(needs, str) else needs
            yield from ((path, name, f"after {one}") for one in named if one in jobs)
    elif re.fullmatch(r"(?:docker-)?compose[\w.-]*\.ya?ml", file.name):
        built = {name for name, one in (whole.get("services") or {}).items() if one and one.get("build")}
        for name in sorted(built):
            yield path, name, ""
            after = whole["services"][name].get("depends_on") or []
            yield from ((path, name, f"after {one}") for one in after if one in built)


def _stages(path: str, whole: dict[str, Any]) -> Iterator[Claim]:
    folder = posixpath.dirname(path)
    for name, stage in (whole.get("stages") or {}).items():
        for copy, body, item in _copies(name, stage, whole.get("vars") or []):
            yield path, copy, ""
            home = posixpath.join(folder, body.get("wdir") or "")
            for slot, key in (("in", "deps"), ("out", "outs"), ("out", "metrics"), ("out", "plots")):
                for entry in body.get(key) or ():
                    named = entry if isinstance(entry, str) else next(iter(entry))
                    filled = _filled(named, item)
                    if "${" not in filled:
                        yield path, copy, f"{slot} {posixpath.normpath(posixpath.join(home, filled))}"


def _filled(text: str, item: Any) -> str:
    return re.sub(r"\$\{ *item(?:\.(\w+))? *\}", lambda use: str(item[use[1]] if use[1] else item), text)


def _copies(name: str, stage: dict[str, Any], values: list[Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    if "matrix" in stage:
        return  # the names of its copies are the graph's own to test
    if "foreach" not in stage:
        yield name, stage, ""
        return
    items = stage["foreach"]
    if isinstance(items, str):
        known = {key: value for one in values if isinstance(one, dict) for key, value in one.items()}
        items = known.get(items.strip("${} "), ())
    for item in items:
        key = item if not isinstance(item, dict) else items.index(item)
        yield f"{name}@{key}", stage["do"], items[item] if isinstance(items, dict) else item


def in_graph(graph: Graph) -> Iterator[Claim]:
    """What the graph holds of declared steps, in the same words."""
    steps = {node.id: node for node in graph.nodes() if "declared" in node.traits and node.id.startswith("step:")}
    for node in steps.values():
        yield node.at.path, node.name, ""
    for edge in graph.edges(EdgeKind.DECLARES, EdgeKind.ORDERS):
        if edge.kind is EdgeKind.ORDERS and edge.source in steps and edge.target in steps:
            step = steps[edge.target]
            yield step.at.path, step.name, f"after {steps[edge.source].name}"
        elif edge.kind is EdgeKind.DECLARES and (edge.source in steps or edge.target in steps):
            slot, other = ("in", edge.source) if edge.target in steps else ("out", edge.target)
            step = steps[edge.target if slot == "in" else edge.source]
            yield step.at.path, step.name, f"{slot} {other.removeprefix('artifact:file:').removeprefix('module:')}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
