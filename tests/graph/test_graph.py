"""Tests of the graph and its builder: one answer whatever the order things were added in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.graph import Edge, EdgeKind, Graph, GraphBuilder, Node, NodeKind
from mldebt.graph.projection import projected
from mldebt.graph.rows import RowSets
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span
from mldebt.trail import Stop


def node(id: str, kind: NodeKind = NodeKind.STEP, path: str = "a.py", name: str = "") -> Node:
    return Node(id, kind, name or id, Span(path, 1))


def edge(source: str, target: str, kind: EdgeKind = EdgeKind.DERIVES, line: int = 1) -> Edge:
    return Edge(source, target, kind, Span("a.py", line))


def build(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    builder = GraphBuilder()
    for one in nodes:
        builder.add_node(one)
    for other in edges:
        builder.add_edge(other)
    return builder.freeze()


def ids(nodes: Iterable[Node]) -> list[str]:
    return [one.id for one in nodes]


def chain() -> Graph:
    """raw -> load -> clean -> model -> score, a shortcut load -> model, and a call score -> raw."""
    names = ["raw", "load", "clean", "model", "score", "alone"]
    flow = [("raw", "load"), ("load", "clean"), ("clean", "model"), ("load", "model"), ("model", "score")]
    call = edge("score", "raw", EdgeKind.CALLS)
    return build(map(node, names), [*(edge(a, b) for a, b in flow), call])


def test_equal_edges_keep_the_surest_evidence_whatever_the_order() -> None:
    at = Span("a.py", 3)
    mentions = [
        Edge("a", "b", EdgeKind.READS, at, Confidence.LIKELY),
        Edge("a", "b", EdgeKind.READS, at, Confidence.CERTAIN, (Stop(at, "x"), Stop(at, "y"))),
        Edge("a", "b", EdgeKind.READS, at, Confidence.CERTAIN, (Stop(at, "z"),)),
    ]
    for order in itertools.permutations(mentions):
        assert build([node("a"), node("b")], order).edges() == (mentions[2],)


def test_every_place_that_says_so_stays_the_surest_first() -> None:
    early = Edge("a", "b", EdgeKind.READS, Span("a.py", 1), Confidence.HINT)
    late = Edge("a", "b", EdgeKind.READS, Span("a.py", 9), Confidence.CERTAIN)
    graph = build([node("a"), node("b")], [early, late])
    assert graph.out_edges("a") == graph.in_edges("b") == (late, early)
    assert graph.path("a", "b") == (late,)


def test_edges_of_other_kinds_between_the_same_nodes_stay_apart() -> None:
    graph = build([node("a"), node("b")], [edge("a", "b", EdgeKind.READS), edge("a", "b", EdgeKind.CALLS)])
    assert [one.kind for one in graph.edges()] == [EdgeKind.CALLS, EdgeKind.READS]
    assert [one.kind for one in graph.edges(EdgeKind.READS)] == [EdgeKind.READS]


def test_two_mentions_of_a_node_become_one_whatever_the_order() -> None:
    mentions = [
        Node("f", NodeKind.ARTIFACT, "f", Span("b.py", 1), component="b", role=Role.READ, exact=False),
        Node("f", NodeKind.ARTIFACT, "f", Span("a.py", 7), store=Store.FILE, traits=frozenset({"x"})),
        Node("f", NodeKind.ARTIFACT, "f", Span("c.py", 2), traits=frozenset({"y"})),
    ]
    expected = Node(
        "f", NodeKind.ARTIFACT, "f", Span("a.py", 7), "b", Role.READ, Store.FILE, False, frozenset("xy")
    )
    for order in itertools.permutations(mentions):
        assert build(order, []).nodes() == (expected,)


def test_one_id_cannot_be_two_kinds_of_thing() -> None:
    with pytest.raises(ValueError, match="both step and model"):
        build([node("a"), node("a", NodeKind.MODEL)], [])


def test_an_edge_without_its_node_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'ghost'"):
        build([node("a")], [edge("a", "ghost")])


def test_neighbours_can_be_asked_by_kind() -> None:
    graph = chain()
    assert ids(graph.successors("load")) == ["clean", "model"]
    assert ids(graph.predecessors("raw")) == ["score"]
    assert ids(graph.predecessors("raw", EdgeKind.DERIVES)) == []
    assert [one.target for one in graph.out_edges("load")] == ["clean", "model"]
    assert [one.source for one in graph.in_edges("model")] == ["clean", "load"]


def test_upstream_and_downstream_follow_the_data_nearest_first() -> None:
    graph = chain()
    assert ids(graph.upstream("model")) == ["clean", "load", "raw"]
    assert ids(graph.downstream("raw")) == ["load", "clean", "model", "score"]
    assert ids(graph.downstream("raw", hops=2)) == ["load", "clean", "model"]
    assert ids(graph.upstream("raw")) == []
    assert ids(graph.upstream("raw", EdgeKind.CALLS)) == ["score"]


def test_a_cycle_ends_and_does_not_name_its_start_again() -> None:
    graph = build(map(node, "abc"), [edge("a", "b"), edge("b", "c"), edge("c", "a")])
    assert ids(graph.downstream("a")) == ["b", "c"]
    assert [one.target for one in graph.path("a", "c")] == ["b", "c"]


def test_the_path_is_the_shortest_and_along_the_data() -> None:
    graph = chain()
    assert [(one.source, one.target) for one in graph.path("raw", "model")] == [
        ("raw", "load"),
        ("load", "model"),
    ]
    assert graph.path("model", "raw") == ()
    assert graph.path("raw", "raw") == ()
    assert graph.path("raw", "alone") == ()
    assert len(graph.path("score", "raw", EdgeKind.CALLS)) == 1


def test_around_keeps_both_directions_and_the_edges_between() -> None:
    near = chain().around(["clean"], hops=1)
    assert ids(near.nodes()) == ["clean", "load", "model"]
    assert [(one.source, one.target) for one in near.edges()] == [
        ("clean", "model"),
        ("load", "clean"),
        ("load", "model"),
    ]
    assert ids(chain().around(["alone"], hops=5).nodes()) == ["alone"]


def test_find_takes_ids_then_names_then_paths_then_ends() -> None:
    graph = build(
        [
            node("1", name="churn.csv", path="jobs/load.py"),
            node("2", name="data/churn.csv", path="jobs/load.py"),
            node("3", name="other", path="jobs/reload.py"),
        ],
        [],
    )
    assert ids(graph.find("3")) == ["3"]
    assert ids(graph.find("churn.csv")) == ["1"]
    assert ids(graph.find("jobs/load.py")) == ["1", "2"]
    assert ids(graph.find("load.py")) == ["1", "2"]
    assert ids(graph.find("nothing")) == []


def test_unknown_nodes_are_errors_not_empty_answers() -> None:
    graph = chain()
    for ask in (graph.node, graph.upstream, graph.downstream, graph.out_edges, graph.in_edges):
        with pytest.raises(KeyError, match="ghost"):
            ask("ghost")
    with pytest.raises(KeyError, match="ghost"):
        graph.around(["ghost"])
    with pytest.raises(KeyError, match="ghost"):
        graph.path("ghost", "raw")


def test_the_richer_facts_stay_with_every_part_of_the_graph() -> None:
    code = object()
    assert Graph([node("a")], [], code).around(["a"]).code is code


@given(st.permutations([(a, b) for a in "abcd" for b in "abcd"]), st.integers(0, 16))
def test_answers_do_not_depend_on_the_order_of_building(pairs: list[tuple[str, str]], size: int) -> None:
    some = pairs[:size]
    forward = build(map(node, "abcd"), [edge(a, b) for a, b in some])
    backward = build(map(node, "dcba"), [edge(a, b) for a, b in reversed(some)])
    assert forward.nodes() == backward.nodes()
    assert forward.edges() == backward.edges()
    for id in "abcd":
        assert forward.out_edges(id) == backward.out_edges(id)
        assert forward.in_edges(id) == backward.in_edges(id)
        assert forward.downstream(id) == backward.downstream(id)
        assert forward.path("a", id) == backward.path("a", id)


def test_keys_of_a_file_that_is_written_here_are_shown_as_what_its_read_gives() -> None:
    kept, made = node("given", NodeKind.SETTING, "given.json"), node("best", NodeKind.SETTING, "out/best.json")
    nodes = [kept, made, node("artifact:file:out/best.json", NodeKind.ARTIFACT), node("read"), node("fit")]
    nodes.append(node("artifact:file:given.json", NodeKind.SOURCE))
    said = [("given", "fit"), ("best", "fit"), ("read", "fit")]
    graph = projected(build(nodes, [edge(*ends, EdgeKind.CONFIGURES) for ends in said]))
    assert [one.source for one in graph.edges()] == ["given", "read"]


def test_rows_come_from_no_place_of_which_nothing_is_known() -> None:
    """All those are one artifact, called like the first of them."""
    known, anywhere = "artifact:file:data/a.csv", "artifact:file:{}"
    nodes = [node(known, NodeKind.ARTIFACT), node(anywhere, NodeKind.ARTIFACT, name="notes.json"), node("x"), node("y")]
    graph = build(nodes, [edge(known, "x", EdgeKind.READS), edge(anywhere, "y", EdgeKind.READS)])
    assert [RowSets(graph).read_from(step) for step in ("x", "y")] == [graph.node(known), None]


def test_rows_of_too_many_kinds_are_not_told_apart() -> None:
    def of(count: int) -> Graph:
        reads = [node(f"read:{number}") for number in range(count)]
        edges = [Edge(one.id, "all", EdgeKind.DERIVES, one.at, slot="data") for one in reads]
        return build([*reads, node("all")], edges)

    assert len(RowSets(of(300)).into("all")) == 300
    assert not RowSets(of(301)).into("all")
