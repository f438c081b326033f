"""Tests of the graph's three formats: the published contract, and names that try to be syntax."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mldebt
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.render.graph import as_dot, as_json, as_mermaid
from mldebt.roles import Confidence
from mldebt.source import Span

HOSTILE = (
    'x"]; click n0 "javascript:alert(1)"',
    "end",
    '"]\n  n0 --> n1',
    "%%{init: {}}%%",
    "a\\",
    'a\\" -> n1; b="',
    "\x1b[2J\x1b]0;title\x07",
    "::error::pwned",
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>",
    "lone \udcff surrogate",
    "`markdown` **bold**",
    "long " * 100,
)


def pair(name: str) -> Graph:
    nodes = [
        Node("artifact:1", NodeKind.ARTIFACT, name, Span("data/a b.csv", 3)),
        Node("step:2", NodeKind.STEP, "read", Span("n.ipynb", 2, cell=4, file_line=31), component="jobs"),
    ]
    at = Span("n.ipynb", 2, cell=4, file_line=31)
    return Graph(nodes, [Edge("artifact:1", "step:2", EdgeKind.READS, at, Confidence.LIKELY)])


def schema() -> dict[str, object]:
    text = files("mldebt").joinpath("schemas/graph.schema.json").read_text(encoding="utf-8")
    document: dict[str, object] = json.loads(text)
    return document


def test_json_is_the_published_contract() -> None:
    document = json.loads(as_json(pair("churn.csv")))
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert document == {
        "schema": 1,
        "tool": {"name": "mldebt", "version": mldebt.__version__},
        "nodes": [
            {
                "id": "artifact:1",
                "kind": "artifact",
                "name": "churn.csv",
                "path": "data/a b.csv",
                "line": 3,
                "cell": None,
                "component": "",
            },
            {
                "id": "step:2",
                "kind": "step",
                "name": "read",
                "path": "n.ipynb",
                "line": 2,
                "cell": 4,
                "component": "jobs",
            },
        ],
        "edges": [
            {
                "source": "artifact:1",
                "target": "step:2",
                "kind": "reads",
                "confidence": "likely",
                "path": "n.ipynb",
                "line": 2,
                "cell": 4,
            }
        ],
    }


def test_the_schema_names_every_kind_there_is() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    text = json.dumps(schema())
    for kind in (*NodeKind, *EdgeKind, *Confidence):
        assert (f'"{kind.value}"' in text) is (kind is not NodeKind.PARAMETER)  # the graph that is shown has none


@pytest.mark.parametrize("name", HOSTILE)
def test_json_gives_hostile_names_back_in_ascii_that_every_reader_takes(name: str) -> None:
    text = as_json(pair(name))
    assert text.isascii()
    assert json.loads(text)["nodes"][0]["name"] == name.replace("\udcff", "\\udcff")


MERMAID_LINE = re.compile(
    r'flowchart LR|  n\d+(\[\(|\{\{|\(\[|\[/|>|\[\[|\[)"[^"\n]*"(\)\]|\}\}|\]\)|/\]|\]|\]\])'
    r"|  n\d+ (-->|-\.->)\|[a-z]+\| n\d+"
)
DOT_LINE = re.compile(
    r'digraph mldebt \{|  rankdir=LR;|\}|  n\d+ \[label="([^"\\]|\\["\\])*" shape=[a-z]+\];'
    r'|  n\d+ -> n\d+ \[label="[a-z]+" style=(solid|dashed)\];'
)


def check_lines(text: str, grammar: re.Pattern[str], expected: int) -> None:
    """Every line is one of the few forms we write, and there is no line more than meant."""
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    assert len(lines) == expected
    for line in lines:
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}, line
        assert grammar.fullmatch(line), line


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_in_pictures(name: str) -> None:
    check_lines(as_mermaid(pair(name)), MERMAID_LINE, 4)
    check_lines(as_dot(pair(name)), DOT_LINE, 6)


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_name_stays_text_in_pictures(name: str) -> None:
    check_lines(as_mermaid(pair(name)), MERMAID_LINE, 4)
    check_lines(as_dot(pair(name)), DOT_LINE, 6)


def test_pictures_tell_the_sure_from_the_inferred() -> None:
    at = Span("a.py", 1)
    nodes = [Node("a", NodeKind.STEP, "a", at), Node("b", NodeKind.MODEL, "b", at)]
    sure = Edge("a", "b", EdgeKind.TRAINS, at)
    graph = Graph(nodes, [sure, Edge("b", "a", EdgeKind.CALLS, at, Confidence.HINT)])
    assert as_mermaid(graph) == (
        'flowchart LR\n  n0["step a"]\n  n1{{"model b"}}\n  n0 -->|trains| n1\n  n1 -.->|calls| n0\n'
    )
    assert as_dot(graph) == (
        'digraph mldebt {\n  rankdir=LR;\n  n0 [label="step a" shape=box];\n'
        '  n1 [label="model b" shape=hexagon];\n  n0 -> n1 [label="trains" style=solid];\n'
        '  n1 -> n0 [label="calls" style=dashed];\n}\n'
    )


def test_mermaid_labels_hold_no_syntax_of_their_own() -> None:
    label = as_mermaid(pair('"`#;<b>')).splitlines()[1]
    assert label == '  n0[("artifact #34;#96;#35;#59;#60;b#62;")]'
