"""Prints the walk of one value, for ARCHITECTURE.md: from a constant to the model, with real values.

    python docs/walk.py         writes the section of ARCHITECTURE.md anew
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mldebt import analysis, catalogue, facts
from mldebt.facts import FileFacts, Unit
from mldebt.gather import gather
from mldebt.graph import Edge, EdgeKind, Graph, Node
from mldebt.link import texts
from mldebt.link.accesses import Access, find_accesses
from mldebt.link.assemble import Assembler
from mldebt.link.declaring import Declared
from mldebt.link.grounding import run_everything
from mldebt.link.machine import Machine, Summary
from mldebt.link.program import Program
from mldebt.link.running import Pipelines
from mldebt.link.values import Alt, Event, Param, Result, Scalar, Setting, Text, Value
from mldebt.source import SourceFile

ROOT = Path(__file__).parents[1]
REPOSITORY = ROOT / "fixtures" / "repos" / "churn"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN = "<!-- walk: written by `make docs` -->\n"
END = "<!-- end of the walk -->\n"

CONSTANTS, HELPER = "churn/paths.py", "model_file"
READER, FUNCTION = "churn/scoring/nightly.py", "score_customers"


class Walk:
    """One linking of the fixture, opened up."""

    def __init__(self) -> None:
        gathered = gather(REPOSITORY, analysis.configure(REPOSITORY, {}), workers=1)
        self.files: tuple[tuple[SourceFile, FileFacts], ...] = gathered.files
        program, known = Program(self.files), catalogue.load()
        declared = Declared(Pipelines(program, known.runners))
        self.machine = Machine(program, known, declared.pipelines.by_file())
        run_everything(self.machine)
        paths = [source.path for source, _ in self.files] + list(gathered.others)
        self.accesses = find_accesses(self.machine, paths, declared.paths())
        self.graph: Graph = Assembler(self.machine, self.accesses, declared, paths, {}).build()

    def unit(self, path: str, id: str) -> int:
        """The number of a unit."""
        file = self.machine.program.number[path]
        ids = [unit.id for unit in self.machine.program.facts[file].units]
        return self.machine.unit_of(file, ids.index(id))

    def summary(self, path: str, id: str) -> Summary:
        return self.machine.summaries[self.unit(path, id)]

    def constant(self, path: str, name: str) -> Value:
        found = self.machine.export(self.unit(path, ""), name, -1)
        assert found is not None
        return found

    def place(self, place: tuple[int, int, int]) -> str:
        span = self.machine.program.span(place)
        return f"{span.path}:{span.line}"


def section() -> str:
    """The text between the two marks of ARCHITECTURE.md."""
    return "\n".join(_section(Walk()))


def written(page: str, text: str) -> str:
    """The page with the section replaced. Raises ValueError if its marks are gone."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("ARCHITECTURE.md has lost the marks of the walk")
    return before + BEGIN + text + END + after


def _section(walk: Walk) -> Iterator[str]:
    yield "**Source.** The folder is a constant, a helper puts the path together, the job loads the model."
    yield from _fenced("python", _excerpts())
    yield "**Facts** (`extract`): the steps of the helper. The number of a step is the number of its value."
    yield from _fenced("text", _steps(walk.machine.info(walk.unit(CONSTANTS, HELPER))))
    yield "**Values** (`link`): the module has run. `<root>` is the top of the repository, known from `__file__`."
    folder = walk.constant(CONSTANTS, "MODELS")
    yield from _fenced("text", [f"MODELS = {spelled(folder)}"])
    yield "The helper's summary is a template: its parameter `$version` is open, so its value has a hole."
    yield from _fenced("text", [f"{HELPER}($version) -> {spelled(walk.summary(CONSTANTS, HELPER).returns)}"])
    yield "The summary of its caller holds what happens there, waiting for the caller's own parameters."
    loads = [e for e in walk.summary(READER, FUNCTION).effects if isinstance(e, Event) and e.callee == "joblib.load"]
    yield from _fenced("text", [_event(walk, event) for event in loads])
    yield "A call fills the template. What is known now happens for good, with the call sites it came through."
    access = _access(walk)
    yield from _fenced("text", [_event(walk, access.event)])
    yield (
        "**Artifact**: store, anchor and path. The settings file fills the hole; training writes any version, so the\n"
        "key is the one of all of them."
    )
    yield from _fenced("text", _artifact(access))
    yield "**Graph**: the access is an edge, its evidence a place; the loaded model predicts."
    yield from _fenced("text", _edges(walk, access))


def _fenced(language: str, lines: Iterator[str] | list[str]) -> list[str]:
    return ["", f"```{language}", *lines, "```", ""]


def _excerpts() -> Iterator[str]:
    wanted = {
        CONSTANTS: (r"ROOT =", r"MODELS =", rf"def {HELPER}", r"return MODELS"),
        READER: (rf"def {FUNCTION}", "joblib.load", "predict_proba"),
    }
    for path, patterns in wanted.items():
        yield f"# {path}"
        for number, line in enumerate((REPOSITORY / path).read_text("utf-8").splitlines(), 1):
            if any(re.search(pattern, line) for pattern in patterns):
                yield f"{line}  # {number}"


def _steps(unit: Unit) -> Iterator[str]:
    for number, step in enumerate(facts.steps(unit)):
        fields = [f"{name}={getattr(step, name)!r}" for name in step.__struct_fields__ if name not in ("start", "end")]
        yield f"{number}  {type(step).__name__}({', '.join(fields)})"


def _access(walk: Walk) -> Access:
    unit = walk.unit(READER, FUNCTION)
    return next(a for a in walk.accesses.found if a.event.unit == unit and a.event.callee == "joblib.load")


def _event(walk: Walk, event: Event) -> str:
    arguments = ", ".join(f"{name}={spelled(value)}" if name else spelled(value) for name, value in event.arguments)
    role = event.row.role.value if event.row and event.row.role else event.what
    through = "".join(f", through {walk.place(place)}" for place in event.chain)
    return f"{role} {event.callee}({arguments}) at {walk.place(event.place)}{through}"


def _artifact(access: Access) -> Iterator[str]:
    location = access.location
    yield f"store    {location.store.value}"
    yield f"anchor   {location.anchor}"
    yield f"path     {location.path}"
    yield f"exact    {'yes' if location.exact else 'no'}"
    yield f"key      {access.key}"


def _edges(walk: Walk, access: Access) -> Iterator[str]:
    artifact = walk.graph.node(f"artifact:{access.key}")
    reads = [edge for edge in walk.graph.out_edges(artifact.id, EdgeKind.READS) if edge.at.path == READER]
    for edge in reads:
        yield _edge(walk.graph, edge)
    steps = dict.fromkeys(edge.target for edge in reads)
    for step in steps:
        for edge in walk.graph.out_edges(step, EdgeKind.PREDICTS):
            yield _edge(walk.graph, edge)


def _edge(graph: Graph, edge: Edge) -> str:
    source, target = graph.node(edge.source), graph.node(edge.target)
    ends = f"{_node(source)} -> {_node(target)}"
    return f"{edge.kind.value:<9} {ends}  ({edge.confidence.value}, {edge.at.path}:{edge.at.line})"


def _node(node: Node) -> str:
    return f"{node.kind.value} {node.name}"


def spelled(value: Value) -> str:
    """A value in one line."""
    if isinstance(value, Text):
        pieces = [part if isinstance(part, str) else f"{{{spelled(part)}}}" for part in value.parts]
        return "".join(pieces).replace(f"{texts.HERE}/", "<root>/").replace(texts.HERE, "<root>/")
    if isinstance(value, Param):
        return f"${value.name}"
    if isinstance(value, Setting):
        return f"{value.how} {value.name}"
    if isinstance(value, Result):
        return f"result of {value.event.callee or value.event.what}"
    if isinstance(value, Alt):
        return " or ".join(spelled(part) for part in value.values)
    return repr(value.value) if isinstance(value, Scalar) else type(value).__name__.lower()


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), section()), "utf-8")
