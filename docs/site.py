"""What the site holds beside this folder: pages from the top of the repository, and the list of rules by family."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomli
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md", "rules/schema.md": "schema.md",
}  # fmt: skip
"""Pages by their path in the repository, and what the site calls them."""


def on_config(config: Any) -> Any:
    """Guides that mkdocs.yml does not place come last."""
    placed = str(config["nav"])
    others = [page.name for page in sorted((ROOT / "docs").glob("*.md")) if f"'{page.name}'" not in placed]
    config["nav"] = [*config["nav"], *([{"More": others}] if others else [])]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds them to the pages of the folder."""
    for path, page in ELSEWHERE.items():
        files.append(File.generated(config, page, content=linked((ROOT / path).read_text("utf-8"))))
    files.append(File.generated(config, "rules/index.md", content=rules()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Names of pages become links, as they are in no other form of the documentation."""
    return markdown if page.file.src_uri in ELSEWHERE.values() else linked(markdown, page.file.src_uri)


def linked(markdown: str, page: str = "") -> str:
    """Names of pages in the text, such as `docs/ci.md` or `ci.md`, as links; code stays as it is."""
    known = {f"docs/{one.name}": one.name for one in (ROOT / "docs").glob("*.md")}
    known |= {one.name: one.name for one in (ROOT / "docs").glob("*.md")} | ELSEWHERE
    up = "../" * page.count("/")

    def link(match: re.Match[str]) -> str:
        target = known.get(match[1], "")
        return f"[`{match[1]}`]({up}{target})" if target and target != page else match[0]

    parts = re.split(r"(^```.*?^```)", markdown, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else re.sub(r"(?<!\[)`([\w./-]+\.md)`", link, part) for part in parts)


def rules() -> str:
    """The rules by family, each with its title and severity."""
    files = sorted((ROOT / "rules" / "cards").glob("*.toml"))
    cards = {file.stem: tomli.loads(file.read_text("utf-8")) for file in files}
    lines = ["# Rules", "", "`mldebt explain RULE` prints the same pages. Rules of the profile `full` are applied with",
             "`--profile full`; those that are `preview` fail no run."]  # fmt: skip
    for family in sorted({card["family"] for card in cards.values()}):
        head = ["| rule | | severity | profile | status |", "|---|---|---|---|---|"]
        lines += ["", f"## {family.capitalize()}", "", *head]
        for slug, card in cards.items():
            if card["family"] == family:
                cells = (card["title"], card["severity"], card["profile"], card["status"])
                lines.append(f"| [{slug}]({slug}.md) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
