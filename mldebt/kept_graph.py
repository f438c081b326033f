"""The graph of a repository as it is kept for the next question: linking is most of what a question costs.

Only commands that ask the graph keep it, so that a scan pays nothing for it. It goes by the same key as a verdict: by
all it was made of.
"""

from __future__ import annotations

import zlib

import msgspec

from mldebt.findings import Stats
from mldebt.gather.cache import Cache
from mldebt.gather.facts_file import plain
from mldebt.graph import Edge, Graph, Node
from mldebt.graph.code import Code, Scrutiny
from mldebt.reading import Reading
from mldebt.source import Problem

_FAST = 1
_KIND = b"graph"


class KeptGraph(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The graph of one repository and what is told of its linking."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    code: Code
    scrutiny: Scrutiny
    problems: tuple[Problem, ...]
    stats: Stats
    complete: bool

    def graph(self) -> Graph:
        """The graph, as it was."""
        return Graph(self.nodes, self.edges, self.code, look=lambda: self.scrutiny)


_encoder = msgspec.msgpack.Encoder(enc_hook=plain)
_decoder = msgspec.msgpack.Decoder(KeptGraph)


def recalled(cache: Cache, key: bytes) -> KeptGraph | None:
    """The graph that was kept under the key of a verdict; None for a miss."""
    data = cache.get(_KIND + key) if key else None
    try:
        return None if data is None else _decoder.decode(zlib.decompress(data))
    except (msgspec.DecodeError, ValueError, zlib.error):
        return None


def keep(cache: Cache, key: bytes, reading: Reading) -> None:
    """Keeps the graph of one repository, if nothing is missing in it."""
    graph = reading.graph
    if not key or not reading.complete or graph.parts() != (graph,):
        return
    told = (reading.problems, reading.stats, reading.complete)
    kept = KeptGraph(graph.nodes(), graph.edges(), graph.code, graph.scrutiny, *told)
    cache.put(_KIND + key, zlib.compress(_encoder.encode(kept), _FAST))
