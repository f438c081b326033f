"""What the page shows, as plain values: every word and number is made here, the script only draws."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mldebt import __version__
from mldebt.findings import Finding, Report, Severity
from mldebt.graph import EdgeKind, Graph, NodeKind, projected
from mldebt.graph.handovers import components_by_file
from mldebt.graph.models import KnownModel, on_the_way, users
from mldebt.graph.questions import is_ours
from mldebt.render.count import counted, families, is_low
from mldebt.render.report.layout import placed
from mldebt.render.report.model_table import COLUMNS, row
from mldebt.render.report.overview import Overview, columns, overview
from mldebt.render.report.places import OUTSIDE, atlas, home
from mldebt.render.report.proportions import HOW, proportions
from mldebt.render.safe import visible
from mldebt.roles import Confidence, Role
from mldebt.source import SourceFile, Span
from mldebt.trail import Stop

FIRST = 5
MOST_MEMBERS = 12
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
NOBODY = "nobody"
_LONGEST_KIND = 17
_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class About:
    """What the page is about: the names of the repositories, and the commit that lies there, if one does."""

    name: str
    commit: str = ""


def content(
    report: Report,
    graph: Graph,
    models: Sequence[KnownModel],
    files: Sequence[tuple[SourceFile, int]],
    about: About,
) -> dict[str, Any]:
    """All of it, ready for JSON."""
    found = [finding for finding in report.findings if not finding.suppressed]
    lying = on_the_way(graph, models, [finding.evidence for finding in found])
    components = components_by_file(graph)
    seen = overview(graph, models)
    shown: dict[str, Any] = _shown({
        "name": about.name,
        "version": __version__,
        "sentence": _sentence(graph, models, found, lying),
        "said": _said(report, about),
        "warning": _warning(report),
        "first": FIRST,
        "findings": [_finding(finding, seen, components) for finding in found],
        "map": _map(seen, found),
        "models": {
            "columns": COLUMNS,
            "rows": [row(model, using, len(numbers)) | {"findings": numbers}
                     for model, using, numbers in zip(models, users(graph, models), lying, strict=True)],
        },
        "debt": _debt(report, found, components),
        "figure": {"boxes": proportions(graph, files), "how": HOW},
        "graph": _graph(graph),
    })  # fmt: skip
    return shown


def _places(finding: Finding) -> set[_Place]:
    return {_place(at) for at in finding.evidence}


def _place(at: Span) -> _Place:
    return at.path, at.cell, at.line


def _sentence(
    graph: Graph, models: Sequence[KnownModel], found: Sequence[Finding], lying: Sequence[Sequence[int]]
) -> str:
    components = {node.component for node in graph.nodes() if node.role is not None and is_ours(node)}
    trained = sum(bool(model.fits or model.kept) for model in models)
    reaching = len({number for numbers in lying for number in numbers})
    counts = f"{counted(trained, 'model')}, {counted(len(components), 'component')}, {counted(len(found), 'finding')}"
    if not found:
        return f"{counts}."
    lie = "none lies" if not reaching else "1 lies" if reaching == 1 else f"{reaching} lie"
    return f"{counts}: {lie} on the way into or out of a model."


def _said(report: Report, about: About) -> list[str]:
    """What is to be known of the run, in a few short sentences."""
    stats = report.stats
    lines = [f"Commit {about.commit}"] if about.commit else []
    lines.append(f"Read {counted(stats.files, 'file')}, {stats.unreadable} unreadable")
    if stats.accesses:
        share = round(100 * stats.unknown / stats.accesses)
        lines.append(f"Not followed: {stats.unknown} of {counted(stats.accesses, 'access', 'accesses')} ({share}%)")
    hidden = Counter(finding.suppressed_by for finding in report.findings if finding.suppressed)
    known = hidden["baseline"] + hidden["base"]
    if known:
        lines.append(f"{known} known since {report.base or 'the baseline'}, not shown")
    if report.stale:
        lines.append(f"{report.stale} of what was known are gone")
    if sum(hidden.values()) > known:
        lines.append(f"{sum(hidden.values()) - known} suppressed in the code or the configuration")
    if report.hints_hidden:
        lines.append(f"{counted(report.hints_hidden, 'hint')} not shown: --min-confidence hint")
    return [*lines, *report.notes]


def _warning(report: Report) -> str:
    """What to say where the page would look better than it is."""
    stats = report.stats
    if not report.complete:
        return "Incomplete: something failed or ran out of time. mldebt problems says what."
    if is_low(stats):
        followed = stats.accesses - stats.unknown
        return f"Only {followed} of {stats.accesses} reads and writes were followed: this page says little."
    return ""


def _finding(finding: Finding, seen: Overview, components: Mapping[str, str]) -> dict[str, Any]:
    places = _places(finding)
    numbers = {station.id: number for number, station in enumerate(seen.stations)}
    flows = [number for number, flow in enumerate(seen.flows.values()) if _meets(flow.places, places)]
    ends = {numbers[end] for number, ends in enumerate(seen.flows) if number in flows for end in ends}
    ends |= {numbers[one.id] for one in seen.stations if any(path in one.paths for path, _, _ in places)}
    told = {stop.at for stop in finding.trail}
    return {
        "id": finding.fingerprint,
        "rule": finding.rule,
        "severity": WORDS[finding.severity],
        "confidence": finding.confidence.value,
        "title": finding.title,
        "family": finding.family,
        "component": _component(finding, components),
        "owners": finding.owners,
        "at": _at(finding.at),
        "message": finding.message,
        "remedy": finding.remedy,
        "frame": finding.frame,
        "trail": [_stop(stop) for stop in finding.trail],
        "also": [_stop(stop) for stop in finding.related if stop.at not in told],
        "refutation": finding.refutation,
        "reach": finding.reach,
        "lit": {"boxes": sorted(ends), "flows": flows},
    }


def _meets(spans: Iterable[Span], places: set[_Place]) -> bool:
    """Whether a finding lies on a flow: at two of its places, or at the only one there is."""
    said = {_place(at) for at in spans}
    return len(said & places) >= min(2, len(said), len(places))


def _component(finding: Finding, components: Mapping[str, str]) -> str:
    path = finding.at.path
    name = components.get(path) or (path.partition("/")[0] if "/" in path else ".")
    return "top folder" if name == "." else name


def _at(at: Span) -> list[Any]:
    """Path, line and cell; of a notebook the line within the cell."""
    return [at.path, at.line, at.cell]


def _stop(stop: Stop) -> list[Any]:
    """The kind of a step (`reads`), what it says, and its place."""
    kind, colon, detail = stop.label.partition(": ")
    if not colon or len(kind) > _LONGEST_KIND:
        kind, detail = ("", stop.label) if " " in stop.label else (stop.label, "")
    return [kind, detail, *_at(stop.at)]


def _map(seen: Overview, found: Sequence[Finding]) -> dict[str, Any]:
    places = placed([one.id for one in seen.stations], seen.flows, columns(seen))
    numbers = {station.id: number for number, station in enumerate(seen.stations)}
    by_path: dict[str, list[int]] = defaultdict(list)
    where = [_places(finding) for finding in found]
    for number, finding in enumerate(found):
        by_path[finding.at.path].append(number)
    return {
        "boxes": [
            {
                "kind": one.kind, "label": one.label, "note": one.note, "at": places[one.id],
                "members": one.members[:MOST_MEMBERS], "more": max(len(one.members) - MOST_MEMBERS, 0),
                "findings": sorted({number for path in one.paths for number in by_path.get(path, ())}),
            }
            for one in seen.stations
        ],
        "flows": [
            [numbers[start], numbers[end], [what for what, _ in flow.what.most_common(MOST_MEMBERS)], flow.sure,
             [number for number, spots in enumerate(where) if _meets(flow.places, spots)]]
            for (start, end), flow in seen.flows.items()
        ],
        "undrawn": seen.undrawn,
    }  # fmt: skip


def _debt(report: Report, found: Sequence[Finding], components: Mapping[str, str]) -> dict[str, Any]:
    """How many findings of each severity, by component, family and owner, the most first."""
    named = [name for name, _ in families(report)]
    return {
        "component": _sums(found, lambda one: [_component(one, components)], ()),
        "family": _sums(found, lambda one: [one.family], named),
        "owner": _sums(found, lambda one: one.owners or [NOBODY], ()) if any(one.owners for one in found) else [],
    }


def _sums(
    found: Sequence[Finding], names: Callable[[Finding], Sequence[str]], always: Sequence[str]
) -> list[list[Any]]:
    numbers: dict[str, Counter[Severity]] = {name: Counter() for name in always}
    for finding in found:
        for name in names(finding):
            numbers.setdefault(name, Counter())[finding.severity] += 1
    ranked = sorted(numbers, key=lambda name: (-sum(numbers[name].values()), name))
    return [[name, *(numbers[name][severity] for severity in Severity)] for name in ranked]


def _graph(graph: Graph) -> dict[str, Any]:
    """The graph to explore: lists of numbers, as there may be many. Kinds, levels and paths are named once."""
    shown = projected(graph)
    drawn = atlas(shown)
    node_kinds, edge_kinds = [kind.value for kind in NodeKind], [kind.value for kind in EdgeKind]
    levels, roles = [level.value for level in Confidence], [role.value for role in Role]
    nodes = shown.nodes()
    numbers = {node.id: number for number, node in enumerate(nodes)}
    said = {node.at.path for node in nodes} | {edge.at.path for edge in shown.edges()}
    paths = sorted(said | {one.path for one in drawn.folders})
    of_path = {path: number for number, path in enumerate(paths)}
    return {
        "kinds": node_kinds,
        "links": edge_kinds,
        "levels": levels,
        "roles": roles,
        "paths": paths,
        "folders": [
            [of_path[one.path], of_path.get(one.above, -1), int(one.file), *one.at] for one in drawn.folders
        ],
        "nodes": [
            [node_kinds.index(node.kind.value), node.name, of_path[node.at.path], node.at.line, node.at.cell,
             *((-1, -1) if home(node) == OUTSIDE else drawn.nodes[node.id]),
             roles.index(node.role.value) if node.role else -1]
            for node in nodes
        ],
        "edges": [
            [numbers[edge.source], numbers[edge.target], edge_kinds.index(edge.kind.value),
             levels.index(edge.confidence.value), of_path[edge.at.path], edge.at.line, edge.at.cell]
            for edge in shown.edges()
        ],
    }  # fmt: skip


def _shown(value: Any) -> Any:
    """The same values with every text fit to be shown: what could hide or steer is written out."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
