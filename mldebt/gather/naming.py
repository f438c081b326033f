"""What the repositories of a run are called: their folders' names, with as much before them as tells them apart; and
what findings call their files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path


class NamesCollide(ValueError):
    """Two repositories of a run cannot be told apart, or one lies in another; the text says which."""


class FileOutside(ValueError):
    """A file is named that lies in no folder that is scanned; the text says which."""


def names(roots: Sequence[Path], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """A name for each folder, POSIX, of which none begins another. `taken` are names that cannot be changed.

    Raises NamesCollide.
    """
    _refuse_nested(roots)
    parts = [_parts(root) for root in roots]
    sizes = [1] * len(roots)
    while unclear := _unclear(parts, sizes, taken):
        grown = [at for at in unclear if sizes[at] < len(parts[at])]
        if not grown:
            raise NamesCollide(_same(_name(parts[unclear[0]], sizes[unclear[0]])))
        for at in grown:
            sizes[at] += 1
    return tuple(_name(part, size) for part, size in zip(parts, sizes, strict=True))


def refuse_same(taken: Sequence[str]) -> None:
    """Raises NamesCollide where two names that cannot be changed are one."""
    again = [name for at, name in enumerate(taken) if any(_meet(name, other) for other in taken[:at])]
    if again:
        raise NamesCollide(_same(again[0]))


def paths_of(files: Sequence[Path], roots: Mapping[str, Path]) -> frozenset[str]:
    """What findings call these files, `roots` being the scanned folders by name (empty for the only one); both the path
    that is given and the one that its links lead to. Raises FileOutside."""
    return frozenset(path for file in files for path in _paths_of(file, roots))


def _paths_of(file: Path, roots: Mapping[str, Path]) -> set[str]:
    found = {
        f"{name}/{path}" if name else path
        for name, root in roots.items()
        for seen in (os.path.normpath, os.path.realpath)
        if (path := _below(Path(seen(Path.cwd() / root)), Path(seen(Path.cwd() / file))))
    }
    if not found:
        scanned = ", ".join(str(root) for root in roots.values()) or "nothing"
        raise FileOutside(
            f"{str(file)!r} lies outside of what is scanned ({scanned}). "
            f"Name its repository too: mldebt scan REPOSITORY {file}"
        )
    return found


def _below(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else ""


def _same(name: str) -> str:
    return f"Two repositories are called {name!r}. Give facts another name: mldebt facts REPO --name NAME"


def _unclear(parts: list[tuple[str, ...]], sizes: list[int], taken: Sequence[str]) -> list[int]:
    found = [_name(part, size) for part, size in zip(parts, sizes, strict=True)]
    others = [(*found[:at], *found[at + 1 :], *taken) for at in range(len(found))]
    return [at for at, name in enumerate(found) if any(_meet(name, other) for other in others[at])]


def _meet(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _parts(root: Path) -> tuple[str, ...]:
    """The parts of a folder's path, as UTF-8 can hold them."""
    plain = Path(os.path.normpath(Path.cwd() / root))  # a link is called as it is given
    said = tuple(part.encode("utf-8", "backslashreplace").decode() for part in plain.parts[1:])
    return said or ("root",)


def _name(parts: tuple[str, ...], size: int) -> str:
    return "/".join(parts[-size:])


def _refuse_nested(roots: Sequence[Path]) -> None:
    """What lies in another repository is read with it, unless it is a repository of its own."""
    real = [Path(os.path.realpath(root)) for root in roots]
    for at, one in enumerate(real):
        for other in real[:at]:
            if one == other:
                raise NamesCollide(f"{str(roots[at])!r} is given twice. Give each repository once.")
        for other in real:
            if one != other and one.is_relative_to(other) and not (one / ".git").exists():
                raise NamesCollide(f"{str(roots[at])!r} lies in another of these repositories. Give one of the two.")
