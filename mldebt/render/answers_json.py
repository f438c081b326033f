"""Answers to questions about the graph, for programs: JSON by the published schema, and mermaid pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from mldebt import __version__
from mldebt.graph import Graph, Node
from mldebt.graph.answers import Answer, Reached
from mldebt.graph.inputs import Inputs
from mldebt.graph.models import KnownModel, limits
from mldebt.graph.things import Thing
from mldebt.render.graph import as_mermaid
from mldebt.render.safe import without_surrogates
from mldebt.source import Span

SCHEMA = 1


def ways(question: str, answers: Sequence[Answer]) -> str:
    """Answers of impact, lineage and consumers (`schemas/answer.schema.json`), in ASCII."""
    told = [{"thing": _thing(one.thing), "found": [_reached(found) for found in one.found]} for one in answers]
    return _document(question, {"answers": told})


def features(models: Sequence[tuple[Thing, Inputs]]) -> str:
    """The inputs of models, by the same schema."""
    told = [
        {
            "thing": _thing(thing),
            "columns": [
                {"name": _text(one.name), "made": _places(one.made), "chosen": _places(one.chosen)}
                for one in inputs.columns
            ],
            "labels": [_text(name) for name in inputs.labels],
            "whole": [_named(node) for node in inputs.whole],
            "unnamed": _places(inputs.unnamed),
        }
        for thing, inputs in models
    ]
    return _document("features", {"answers": told})


def models(rows: Iterable[tuple[KnownModel, tuple[str, ...], tuple[str, ...]]]) -> str:
    """All models with the parts that use them and the fingerprints of findings on their way, by the same schema."""
    told = [
        {
            "name": _text(model.name),
            "trained_by": _places(node.at for node in model.fits),
            "data": [_named(node) for node in model.data],
            "features": [_text(one.name) for one in model.inputs.columns],
            "taken_whole": [_named(node) for node in model.inputs.whole],
            "saved_as": [_text(node.name) for node in model.kept],
            "loaded_by": _places(node.at for node in model.loads),
            "thresholds": [{"limits": list(limits(node)), **_place(node.at)} for node in model.decisions],
            "consumers": [_text(name) for name in consumers],
            "monitored": _places(node.at for node in model.monitors),
            "findings": list(findings),
        }
        for model, consumers, findings in rows
    ]
    return _document("models", {"models": told})


def mermaid(graph: Graph, answers: Sequence[Answer]) -> str:
    """A flowchart of the ways: what lies on them, and the edges that lead from one to the next."""
    edges = {edge for answer in answers for one in answer.found for edge in one.edges}
    ids = {id for edge in edges for id in (edge.source, edge.target)}
    return as_mermaid(Graph((graph.node(id) for id in ids), edges))


def _document(question: str, rest: dict[str, object]) -> str:
    tool = {"name": "mldebt", "version": __version__}
    return json.dumps({"schema": SCHEMA, "tool": tool, "question": question, **rest}, indent=1) + "\n"


def _thing(thing: Thing) -> dict[str, object]:
    return {"kind": thing.kind, "name": _text(thing.name), "places": _places(thing.at)}


def _reached(one: Reached) -> dict[str, object]:
    return {
        "kind": one.kind,
        "name": _text(one.name),
        **_place(one.at),
        "note": _text(one.note),
        "confidence": one.confidence.value,
        "further": one.further,
        "way": [{**_place(stop.at), "label": _text(stop.label)} for stop in one.trail],
    }


def _named(node: Node) -> dict[str, object]:
    return {"name": _text(node.name), **_place(node.at)}


def _places(at: Iterable[Span]) -> list[dict[str, object]]:
    return [_place(one) for one in at]


def _place(at: Span) -> dict[str, object]:
    return {"path": _text(at.path), "line": at.line, "cell": at.cell or None}


def _text(text: str) -> str:
    return without_surrogates(text)
