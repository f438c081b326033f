"""The folders that the files of containers make: a path inside of one is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import FileFacts
from mldebt.link.program import Program

_MOUNTED = frozenset({"mountPath", "workingDir", "working_dir"})
_VOLUMES = "volumes"
_LEAST_DEPTH = 2


def container_folders(program: Program) -> tuple[str, ...]:
    """Where images work and copy to, and where volumes are mounted; `/home` and the like alone say nothing."""
    said = {folder.rstrip("/") for facts in program.facts for folder in _of_file(facts)}
    return tuple(sorted(folder for folder in said if folder.startswith("/") and folder.count("/") >= _LEAST_DEPTH))


def _of_file(facts: FileFacts) -> Iterator[str]:
    for task in facts.tasks:
        yield task.folder
        yield from (mount.target for mount in task.mounts)
    for said in facts.settings:
        if said.key[-1] in _MOUNTED and said.value:
            yield said.value
        elif len(said.key) > 1 and said.key[-2] == _VOLUMES and said.value:
            yield said.value.partition(":")[2].partition(":")[0]
