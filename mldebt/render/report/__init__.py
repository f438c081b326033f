"""The report: one page that opens without a network, drawn by its own script from data that stands in it as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.findings import Report
from mldebt.graph import Graph
from mldebt.graph.models import known_models
from mldebt.render.report.content import About, content
from mldebt.render.report.page import page
from mldebt.source import SourceFile

__all__ = ["About", "render"]


def render(report: Report, graph: Graph, files: Iterable[tuple[SourceFile, int]], about: About) -> str:
    """The page of a run: its findings, the graph they were found in, the files with their lines. The same input gives
    the same bytes, all of them ASCII."""
    return page(content(report, graph, known_models(graph), tuple(files), about))
