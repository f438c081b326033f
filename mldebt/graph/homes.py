"""Folders below which accounts have what is theirs."""

from __future__ import annotations

import re

from mldebt import resources
from mldebt.graph.environment import package_names
from mldebt.graph.graph import Graph

HOME = re.compile(
    r"^(?:[a-z]:)?/+(?:mnt/[a-z]/)?(?:(?:var/)?home|users|documents and settings)/+(?P<name>[^/{}*]+)/", re.IGNORECASE
)
ACCOUNTS = frozenset({
    "admin", "almalinux", "app", "appuser", "azureuser", "bitnami", "build", "centos", "circleci", "cloud-user",
    "code", "coder", "codespace", "conda", "container", "data", "datascience", "debian", "default", "docker",
    "ec2-user", "fedora", "git", "github", "glue_user", "hadoop", "jenkins", "jovyan", "jupyter", "mage",
    "mambauser", "me", "model-server", "nobody", "node", "nonroot", "opc", "project", "projects", "public", "repo",
    "rocky", "root", "runner", "service", "shared", "site", "spark", "src", "tomcat", "ubuntu", "user", "username",
    "vscode", "work", "worker", "workspace", "www", "your_name", "your_username", "yourname", "zeppelin",
})  # fmt: skip
"""Accounts of images, services and examples: nobody's own."""


def accounts(graph: Graph) -> frozenset[str]:
    """The names that are nobody's own: those of images and services, also of what the code needs to be installed."""
    return ACCOUNTS | resources.load().accounts | package_names(graph.code.environments, graph.code.imported)


def is_of_everybody(path: str, accounts: frozenset[str]) -> bool:
    """Whether a path lies in the home of whoever runs the code, of an account that all machines of an image have, or
    where a notebook that is run elsewhere finds the drive of whoever opens it."""
    found = HOME.match(f"{path}/")
    named = found is not None and path.startswith("/home/") and found["name"].lower() in accounts
    return f"{path}/".startswith(("~/", "/content/drive/")) or named
