"""Read-only questions about branches on flags."""

from __future__ import annotations

from mldebt.graph.code import Branch


def who_sets(branch: Branch, contrary: str) -> str:
    """What is known of those who set a flag; a default that says the contrary is left by nobody."""
    words = [word for word, _ in branch.set_at]
    if any(word.startswith(contrary) for word in words):
        return "tested_called" if branch.tested else "called"
    says_so = any(not word.startswith("default") for word in words)
    return "tested_branch" if branch.tested else "" if says_so else "unset"
