"""Which uses of artifacts are declared by contracts, and which contracts declare nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from mldebt.contracts import Contract
from mldebt.graph.code import TOP
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.source import Problem


def is_covered(graph: Graph, artifact: Node, producers: Collection[str], consumer: str) -> bool:
    """Whether a contract lets a component consume an artifact. What a consumer's repository promises itself of
    another one's artifacts is no contract."""
    of = graph.code.repository_of
    for contract in graph.code.contracts:
        home = of(contract.at.path)
        promised_to_itself = home == of(consumer) and home not in {of(producer) for producer in producers}
        if not promised_to_itself and contract.is_about(places(artifact, home)):
            if contract.allows(_names(consumer, home)):
                return True
    return False


def tells_of_users(graph: Graph, artifact: Node) -> bool:
    """Whether a definition of the artifact also names who uses it, such as a dashboard."""
    defined = {edge.at.path for edge in graph.in_edges(artifact.id, EdgeKind.DECLARES)}
    return any(edge.at.path in defined for edge in graph.out_edges(artifact.id, EdgeKind.CONSUMES))


def idle_contracts(graph: Graph) -> tuple[Problem, ...]:
    """Contracts that cover nothing, and those that name different owners of one artifact."""
    stored = graph.nodes(NodeKind.ARTIFACT, NodeKind.SOURCE)
    found: list[Problem] = []
    owners: dict[str, Contract] = {}
    for contract in sorted(one for one in graph.code.contracts if not one.foreign):
        home = graph.code.repository_of(contract.at.path)
        about = [node for node in stored if contract.is_about(places(node, home))]
        if not about:
            found.append(_idle(contract, [place for node in stored for place in places(node, home)]))
        for node in about:
            first = owners.setdefault(node.id, contract)
            if first.owner != contract.owner:
                found.append(_in_conflict(contract, first, node))
    return tuple(found)


def places(artifact: Node, home: str) -> tuple[str, ...]:
    """What a contract of the repository `home` can call an artifact: its place there, with and without its store."""
    store, _, key = artifact.id.removeprefix("artifact:").partition(":")
    here = key.removeprefix(f"{home}/") if home else key
    return (here, f"{store}:{here}", key, artifact.name)


def _names(component: str, home: str) -> Iterator[str]:
    """What a contract of the repository `home` can call a component."""
    yield component
    yield TOP if component == home else component.removeprefix(f"{home}/")


def _idle(contract: Contract, places: list[str]) -> Problem:
    near = [place for glob in contract.artifacts for place in get_close_matches(glob, sorted(set(places)), 1, 0.7)]
    cure = f"did you mean {near[0]!r}?" if near else "mend its artifact, or remove it"
    text = f"the contract {contract.name!r} covers nothing: no artifact here is {' or '.join(contract.artifacts)}"
    return Problem(contract.at, "contract", text, cure)


def _in_conflict(contract: Contract, first: Contract, artifact: Node) -> Problem:
    text = f"{artifact.name} is owned by {contract.owner!r} here, by {first.owner!r} in the contract {first.name!r}"
    return Problem(contract.at, "contract", text, "name one owner, or make the artifact of one contract narrower")
