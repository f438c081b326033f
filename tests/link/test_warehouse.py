"""Projects of dbt: every reference, source, seed and exposure that a project declares is an edge of the graph."""

from __future__ import annotations

from pathlib import Path

from mldebt import analysis
from mldebt.analysis import ScanRequest
from mldebt.config import Config
from mldebt.graph import EdgeKind, Graph

PROJECT = {
    "dbt/dbt_project.yml": "name: library\nmodel-paths: [models]\nseed-paths: [seeds]\n",
    "dbt/seeds/cities.csv": "id,name\n",
    "dbt/seeds/branches.csv": "id,name\n",
    "dbt/models/defined.yml": """
sources:
  - name: lib
    schema: raw
    tables:
      - name: loans
      - name: branches
exposures:
  - name: overdue_report
    depends_on:
      - ref('late')
      - source('lib', 'loans')
""",
    "dbt/models/stage/stg_loans.sql": "select id, back - due as delay from {{ source('lib', 'loans') }}",
    "dbt/models/late.sql": """
{% set kinds = dbt_utils.get_column_values(ref('kinds'), 'kind') %}
select l.id, l.delay, c.name from {{ ref('stg_loans') }} l join {{ ref('cities') }} c using (id)
""",
    "dbt/models/kinds.sql": "{{ dbt_utils.union_relations(relations=[ref('stg_loans'), source('lib', 'branches')]) }}",
    "dbt/snapshots/kept.sql": "{% snapshot late_kept %} select * from {{ ref('late') }} {% endsnapshot %}",
    "dbt/macros/helped.sql": "{% macro helped(x) %} select {{ x }} {% endmacro %}",
    "train.py": """
import pandas as pd
from sklearn.linear_model import LinearRegression
rows = pd.read_sql("select * from late", connection)
LinearRegression().fit(rows[["delay"]], rows["name"])
""",
}


def graph_of(root: Path, files: dict[str, str]) -> Graph:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return analysis.read(root, ScanRequest(Config(), cache=False)).graph


def accesses(graph: Graph, kind: EdgeKind) -> set[tuple[str, str]]:
    """Pairs of a file and what its steps read or write."""
    found = set()
    for edge in graph.edges(kind):
        artifact, step = (edge.source, edge.target) if kind is EdgeKind.READS else (edge.target, edge.source)
        if artifact.startswith("artifact:"):
            found.add((graph.node(step).at.path, artifact.removeprefix("artifact:table:").removeprefix("artifact:")))
    return found


def test_every_declared_edge_is_there(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, PROJECT)
    assert accesses(graph, EdgeKind.READS) == {
        ("dbt/models/stage/stg_loans.sql", "raw.loans"), ("dbt/models/late.sql", "stg_loans"),
        ("dbt/models/late.sql", "cities"), ("dbt/models/late.sql", "kinds"), ("dbt/models/kinds.sql", "stg_loans"),
        ("dbt/models/kinds.sql", "raw.branches"), ("dbt/snapshots/kept.sql", "late"), ("train.py", "late"),
        ("dbt/seeds/cities.csv", "file:dbt/seeds/cities.csv"),
        ("dbt/seeds/branches.csv", "file:dbt/seeds/branches.csv"),
    }  # fmt: skip
    assert accesses(graph, EdgeKind.WRITES) == {
        ("dbt/models/stage/stg_loans.sql", "stg_loans"), ("dbt/models/late.sql", "late"),
        ("dbt/models/kinds.sql", "kinds"), ("dbt/snapshots/kept.sql", "late_kept"), ("dbt/seeds/cities.csv", "cities"),
        ("dbt/seeds/branches.csv", "branches"), ("dbt/seeds/branches.csv", "raw.branches"),
    }  # fmt: skip
    used = {(graph.node(edge.target).name, graph.node(edge.source).name) for edge in graph.edges(EdgeKind.CONSUMES)}
    assert used == {("overdue_report", "late"), ("overdue_report", "raw.loans")}
    ordered = {(graph.node(edge.source).name, graph.node(edge.target).name) for edge in graph.edges(EdgeKind.ORDERS)}
    assert ordered == {
        ("stg_loans.sql", "late.sql"), ("kinds.sql", "late.sql"), ("stg_loans.sql", "kinds.sql"),
        ("late.sql", "kept.sql"),
    }  # fmt: skip


def test_a_column_made_in_a_model_reaches_the_training_on_one_path(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, PROJECT)
    (fit,) = [node for node in graph.nodes() if node.callee.endswith(".fit")]
    behind = {(node.kind.value, node.name) for node in graph.upstream(fit.id)}
    assert {("feature", "delay"), ("source", "raw.loans"), ("artifact", "late")} <= behind


def test_a_folder_without_a_project_makes_no_models(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, {"models/late.sql": "select a from b", "seeds/cities.csv": "id\n"})
    assert accesses(graph, EdgeKind.WRITES) == set()
