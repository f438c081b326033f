"""What definitions of pipelines declare, where comments in a fixture cannot say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.graph import EdgeKind, Graph

ROOT = Path(__file__).parents[2] / "fixtures" / "_links"


def graph_of(root: Path) -> Graph:
    return analysis.read(root, analysis.ScanRequest(cache=False)).graph


def written(tmp_path: Path, **files: str) -> Graph:
    """The graph of a repository of these files; `__` stands for a folder, a last `_py` for the ending."""
    for name, text in files.items():
        stem, _, ending = name.replace("__", "/").rpartition("_")
        path = tmp_path / f"{stem}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return graph_of(tmp_path)


def edges(graph: Graph, kind: EdgeKind) -> list[tuple[str, str, int]]:
    """The edges of steps, by the names of their ends."""
    found = [edge for edge in graph.edges(kind) if "step:" in edge.source + edge.target]
    return sorted((graph.node(e.source).name, graph.node(e.target).name, e.at.line) for e in found)


def test_steps_of_a_document_that_holds_no_comments_are_declared_too() -> None:
    graph = graph_of(ROOT / "declared_resources")
    assert ("Prepare", "Fit", 5) in edges(graph, EdgeKind.ORDERS)
    assert ("Fit", "fit.py", 5) in edges(graph, EdgeKind.CALLS)


def test_a_rule_of_a_workflow_runs_what_its_shell_says() -> None:
    graph = graph_of(ROOT / "declared_rules")
    found = [(first, then) for first, then, _ in edges(graph, EdgeKind.CALLS)]
    assert found == [("join", "join.py"), ("summary", "summary.py"), ("trim", "trim.py")]


def test_a_stage_repeated_without_end_is_bounded(tmp_path: Path) -> None:
    items = "".join(f"      - v{number}\n" for number in range(300))
    text = f"stages:\n  fit:\n    foreach:\n{items}    do:\n      cmd: python fit.py ${{item}}\n"
    graph = written(tmp_path, dvc_yaml=text, fit_py="print(1)\n")
    assert len(edges(graph, EdgeKind.CALLS)) == 64


def test_what_is_not_known_of_a_path_is_a_hole(tmp_path: Path) -> None:
    text = "stages:\n  fit:\n    cmd: python fit.py\n    deps:\n      - ${folder}/rows.csv\n"
    graph = written(tmp_path, dvc_yaml=text, fit_py="print(1)\n")
    assert edges(graph, EdgeKind.DECLARES) == [("{folder}/rows.csv", "fit", 5)]


def test_a_script_that_a_script_calls_runs_in_its_folder(tmp_path: Path) -> None:
    graph = written(
        tmp_path, run_sh="cd jobs && ./all.sh\n", jobs__all_sh="python fit.py\n", jobs__fit_py="print(1)\n",
    )  # fmt: skip
    assert ("run.sh", "fit.py", 1) in edges(graph, EdgeKind.CALLS)


def test_definitions_that_make_no_sense_declare_nothing(tmp_path: Path) -> None:
    texts = ("stages: 3\n", "stages:\n  a: [1, 2]\n", "stages:\n  a:\n    cmd: {b: c}\n    deps: 4\n")
    for number, text in enumerate(texts):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "dvc.yaml").write_text(text)
        (folder / "compose.yaml").write_text("services: [a, b]\n")
        (folder / "Procfile").write_text(": :\nweb:\n")
        (folder / "Snakefile").write_text("rule a:\nrule\nrule b: input: 'x\n")
    assert edges(graph_of(tmp_path), EdgeKind.CALLS) == []


@pytest.mark.parametrize(
    "when",
    ["only: [merge_requests]", "only:\n    refs: [merge_requests, main]",
     "rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\""],
)  # fmt: skip
def test_what_a_request_to_merge_runs_is_tried(tmp_path: Path, when: str) -> None:
    jobs = f"smoke:\n  script: [python fit.py]\n  {when}\nnightly:\n  script: [python all.py]\n  only: [schedules]\n"
    (tmp_path / ".gitlab-ci.yml").write_text(jobs)
    graph = written(tmp_path, fit_py="print(1)\n", all_py="print(2)\n")
    assert graph.code.tried == {"fit.py"}


def test_a_job_that_no_request_to_merge_runs_tries_nothing(tmp_path: Path) -> None:
    never = "rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n      when: never"
    (tmp_path / ".gitlab-ci.yml").write_text(f"fit:\n  script: [python fit.py]\n  {never}\n")
    assert not written(tmp_path, fit_py="print(1)\n").code.tried
