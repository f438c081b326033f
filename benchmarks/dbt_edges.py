"""Compares what a dbt project declares with the graph: each ref and source of each model, and each exposure.

    mldebt graph PROJECT --no-cache --output-format json > graph.json
    python benchmarks/dbt_edges.py PROJECT graph.json

The declared edges are found here by the plainest means: every `ref('x')` and `source('s', 't')` that stands in a model
or snapshot outside of Jinja comments, read as text. Prints those that no edge answers; exits with 1 if any.
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

NAMED = re.compile(r"\b(ref|source)\s*\(\s*['\"]([^'\"]+)['\"](?:\s*,\s*['\"]([^'\"]+)['\"])?")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
LISTED = re.compile(r"^(model|snapshot)-paths:\s*\[?([^\]\n]*)", re.MULTILINE)


def declared(root):
    for project in sorted(root.rglob("dbt_project.yml")):
        listed = dict(LISTED.findall(project.read_text("utf-8")))
        folders = ",".join(listed.get(part, f"{part}s") for part in ("model", "snapshot"))
        for folder in (name.strip(" '\"") for name in folders.split(",")):
            for file in sorted((project.parent / folder).rglob("*.sql")):
                for form, first, second in NAMED.findall(COMMENT.sub("", file.read_text("utf-8"))):
                    name = (second or first) if form == "ref" else second
                    yield file.relative_to(root).as_posix(), form, name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("graph", type=Path)
    args = parser.parse_args()
    graph = json.loads(args.graph.read_text("utf-8"))
    nodes = {node["id"]: node for node in graph["nodes"]}
    read = defaultdict(set)
    for edge in graph["edges"]:
        if edge["kind"] == "reads":
            read[nodes[edge["target"]]["path"]].add(nodes[edge["source"]]["id"].rpartition(".")[2].rpartition(":")[2])
    wanted = sorted(set(declared(args.project)))
    missed = [one for one in wanted if one[2].lower() not in read[one[0]]]
    for file, form, name in missed:
        print(f"MISSED {file}: {form}({name})")
    print(f"{len(wanted) - len(missed)} of {len(wanted)} declared edges are in the graph")
    return bool(missed)


if __name__ == "__main__":
    raise SystemExit(main())
