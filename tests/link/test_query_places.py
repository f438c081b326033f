"""Where a name in a text of SQL stands: a comment cannot say so, as the line is no code."""

from __future__ import annotations

from pathlib import Path

from mldebt.graph import EdgeKind
from tests.link.test_links import CASES, read, shown


def test_a_read_is_said_on_the_line_of_the_text_that_names_it() -> None:
    root = CASES / "sql_of_commands"
    lines = Path(root / "build.py").read_text("utf-8").splitlines()
    line = next(number for number, said in enumerate(lines, 1) if "read_csv_auto('{trips}')" in said)
    graph = read(root).linked.graph
    found = [
        (shown(graph.node(edge.source)), shown(graph.node(edge.target)))
        for edge in graph.edges(EdgeKind.READS)
        if (edge.at.path, edge.at.line) == ("build.py", line)
    ]
    assert found == [("raw/stays.csv", "stays")]
