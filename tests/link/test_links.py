"""The engine on small repositories: what each line reads, writes and joins stands in a comment on it.

Marks, several on a line if need be; one on a line of its own speaks of the next line:

    # reads: data/a.csv            here this is read (`writes` likewise). Reads and writes are listed
                                   completely: one that no mark names fails the test.
    # node: model clf (random)     such a node is here; all words in parentheses are its traits or role
    # edge: trains rows -> clf (likely)     an edge with its evidence here; words: confidence, slot
    # inputs: age income           the model that is fitted here gets these columns by name, and no others
    # label: churned               it learns to tell these columns
    # whole: data/a.csv            whatever columns are there may go in
    # no: node model clf           there is no such thing here
    # unknown: recursion           an access here is not followed, for this reason
    # missed: reads a.csv (why)    a blind spot; fails as soon as it is seen
    # wrong: reads a.csv (why)     a false claim; fails as soon as it is gone

Artifacts go by their name in the graph without `file:`, all else by its name. In pipeline definitions, which are
settings, Makefiles and the like, a mark is a comment of that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from mldebt import analysis, catalogue
from mldebt.catalogue import Catalogue
from mldebt.facts import FileFacts
from mldebt.gather.snapshot import take
from mldebt.graph import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.inputs import inputs_of
from mldebt.graph.questions import LEARNS
from mldebt.link import Linked, link
from mldebt.link.program import Program
from mldebt.source import SourceFile, Span

CASES = Path(__file__).parents[2] / "fixtures" / "_links"
ARTIFACTS = (NodeKind.ARTIFACT, NodeKind.SOURCE)
MARK = re.compile(
    r"#\s*(?P<word>reads|writes|node|edge|inputs|label|whole|no|unknown|missed|wrong): *"
    r"(?P<claim>[^#]*?)(?: +\((?P<extra>[^()]*)\))?\s*(?=#|$)"
)

Place = tuple[str, int, int]  # path, cell, line


@dataclass(frozen=True)
class Mark:
    """A claim about a line. `turned`: it must not hold (no, missed)."""

    place: Place
    text: str
    claim: str
    words: frozenset[str] = frozenset()
    turned: bool = False


@dataclass(frozen=True)
class Case:
    """What one small repository says, and what was made of it."""

    marks: tuple[Mark, ...]
    linked: Linked

    def claims(self, place: Place) -> Iterator[tuple[str, frozenset[str]]]:
        """Everything that holds at a place, in the grammar of marks, with the words that fit it."""
        graph = self.linked.graph
        for node in graph.nodes():
            if where(node.at) == place:
                yield f"node {node.kind.value} {shown(node)}", words_of_node(node)
        for edge in graph.edges():
            if where(edge.at) == place:
                yield from self._of_edge(edge)
        for fit in (node for node in graph.nodes(NodeKind.MODEL) if node.role in LEARNS and where(node.at) == place):
            found = inputs_of(graph, [fit])
            names = (one.name for one in found.columns)
            told = {"inputs": names, "label": found.labels, "whole": map(shown, found.whole)}
            yield from ((" ".join((word, *said)), frozenset()) for word, said in told.items())
        for problem in self.linked.problems:
            if where(problem.at) == place:
                yield f"unknown {problem.text}", frozenset()

    def _of_edge(self, edge: Edge) -> Iterator[tuple[str, frozenset[str]]]:
        source, target = self.linked.graph.node(edge.source), self.linked.graph.node(edge.target)
        words = frozenset({edge.confidence.value, edge.slot})
        yield f"edge {edge.kind.value} {shown(source)} -> {shown(target)}", words
        for artifact, other in ((source, target), (target, source)):
            if is_access(edge, artifact, other):
                yield f"{edge.kind.value} {shown(artifact)}", words

    def holds(self, mark: Mark) -> bool:
        return any(claim == mark.claim and mark.words <= words for claim, words in self.claims(mark.place))

    def unmarked(self) -> list[str]:
        """Reads and writes that no mark names at any of their places."""
        said = {(mark.place, mark.claim) for mark in self.marks}
        seen: dict[str, list[Place]] = {}
        for edge in self.linked.graph.edges(EdgeKind.READS, EdgeKind.WRITES):
            source, target = self.linked.graph.node(edge.source), self.linked.graph.node(edge.target)
            for artifact, other in ((source, target), (target, source)):
                if is_access(edge, artifact, other):
                    claim = f"{edge.kind.value} {shown(artifact)}"
                    seen.setdefault(f"{claim} by {other.id}", []).append(where(edge.at))
        return [
            f"{spelled(places[0])}: {claim}, which no mark says"
            for claim, places in seen.items()
            if not any((place, claim.partition(" by ")[0]) in said for place in places)
        ]


def is_access(edge: Edge, artifact: Node, other: Node) -> bool:
    """Whether an edge is a step reading or writing; a function that gets what was read is no access."""
    if edge.kind not in (EdgeKind.READS, EdgeKind.WRITES) or artifact.kind not in ARTIFACTS:
        return False
    return other.kind not in (NodeKind.FUNCTION, NodeKind.ENDPOINT, *ARTIFACTS)


def shown(node: Node) -> str:
    if node.kind in ARTIFACTS:
        return node.id.removeprefix("artifact:").removeprefix("file:")
    return node.name


def words_of_node(node: Node) -> frozenset[str]:
    return node.traits | ({node.role.value} if node.role else frozenset())


def where(span: Span) -> Place:
    return span.path, span.cell, span.line


def spelled(place: Place) -> str:
    path, cell, line = place
    return f"{path}:{line}" if not cell else f"{path}:cell {cell}:{line}"


def marks_of(files: tuple[tuple[SourceFile, FileFacts], ...]) -> Iterator[Mark]:
    program = Program(files)
    for number, (_, facts) in enumerate(files):
        for comment in facts.comments:
            at = program.span((number, comment.start, comment.start))
            place = (at.path, at.cell, at.line + comment.own)
            for match in MARK.finditer(comment.text):
                yield mark(place, match["word"], match["claim"].strip(), match["extra"] or "")


def _is_definition(facts: FileFacts) -> bool:
    """Whether it is a file whose comments are no facts."""
    return not facts.units and facts.kind in ("settings", "commands", "requirements")


def marks_in_text(root: Path, source: SourceFile) -> Iterator[Mark]:
    """The marks of a file that is no code, such as the definition of a pipeline."""
    for number, line in enumerate((root / source.path).read_text("utf-8").splitlines(), 1):
        own = line.lstrip().startswith("#")
        for match in MARK.finditer(line):
            place = (source.path, 0, number + own)
            yield mark(place, match["word"], match["claim"].strip(), match["extra"] or "")


def mark(place: Place, word: str, claim: str, extra: str) -> Mark:
    text = f"{spelled(place)}: {word}: {claim}"
    if word in ("no", "missed", "wrong"):
        return Mark(place, text, claim, turned=word != "wrong")
    if word == "unknown":
        return Mark(place, text, f"{word} {claim} ({extra})" if extra else f"{word} {claim}")
    return Mark(place, text, f"{word} {claim}", frozenset(extra.split()))


@cache
def shipped() -> Catalogue:
    return catalogue.load()


def read(root: Path) -> Case:
    config = analysis.configure(root, {})
    snapshot = take(root, replace(config, workers=1))
    assert not snapshot.problems
    linked = link(snapshot.files, catalogue.load(snapshot.rows) if snapshot.rows else shipped(), snapshot.others)
    told = [one for source, facts in snapshot.files if _is_definition(facts) for one in marks_in_text(root, source)]
    return Case((*marks_of(snapshot.files), *told), linked)


@pytest.mark.parametrize("root", sorted(CASES.iterdir()), ids=lambda root: root.name)
def test_the_graph_is_what_the_comments_say(root: Path) -> None:
    case = read(root)
    assert case.marks
    failed = [mark for mark in case.marks if case.holds(mark) is mark.turned]
    found = {mark.place: sorted(claim for claim, _ in case.claims(mark.place)) for mark in failed}
    told = [f"{mark.text}\n    there is: {found[mark.place]}" for mark in failed]
    wrong = told + case.unmarked()
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_a_false_mark_is_seen(tmp_path: Path) -> None:
    """The test above can fail: for what is claimed and is not, is denied and is, or is not said."""
    lines = [
        "import pandas as pd",
        "a = pd.read_csv('a.csv')  # reads: b.csv",
        "b = pd.read_csv('b.csv')  # missed: reads b.csv (no longer)",
        "c = pd.read_csv('c.csv')  # wrong: reads d.csv (no longer)",
        "# node: step d (write)",
        "d = pd.read_csv('d.csv')  # reads: d.csv",
    ]
    (tmp_path / "a.py").write_text("\n".join(lines))
    case = read(tmp_path)
    assert [mark.place[2] for mark in case.marks if case.holds(mark) is mark.turned] == [2, 3, 4, 6]
    assert [line.partition(" ")[0] for line in case.unmarked()] == ["a.py:2:", "a.py:4:"]
