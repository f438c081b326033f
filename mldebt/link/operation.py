"""One use of an intrinsic: what it works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts import NONE
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.values import Deferred, Value
from mldebt.rows import Row

if TYPE_CHECKING:
    from mldebt.link.calling import Site


class Operation:
    """One use of an intrinsic: its operands, and the machine it works in."""

    __slots__ = ("arguments", "callee", "frame", "machine", "receiver", "row", "site")

    def __init__(
        self, machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments,
        site: Site,
    ) -> None:  # fmt: skip
        self.machine, self.frame, self.row, self.callee = machine, frame, row, callee
        self.receiver, self.arguments, self.site = receiver, arguments, site

    def operands(self) -> list[Value]:
        """The receiver, if there is one, and the positional arguments."""
        given = [value for name, value in self.arguments if not name]
        return given if self.receiver is None else [self.receiver, *given]

    def keyword(self, name: str) -> Value | None:
        return next((value for key, value in self.arguments if key == name), None)

    def first(self) -> Value:
        found = self.operands()
        return found[0] if found else self.machine.pool.unknown

    def opaque(self, kind: str = "") -> Value:
        given = [value for _, value in self.arguments]
        return self.machine.pool.derived(kind, *([self.receiver] if self.receiver else []), *given)

    def later(self) -> Deferred:
        """The call itself, done again once more is known."""
        pool, name = self.machine.pool, self.callee.rpartition(".")[2]
        callee = pool.lib(self.callee) if self.receiver is None else pool.member(self.receiver, name)
        values, names = tuple(value for _, value in self.arguments), tuple(name for name, _ in self.arguments)
        at, guards = self.site, self.frame.undecided()
        return pool.deferred("call", (callee, *values), at.place, at.unit, names, at.hops, guards)

    def change_receiver(self, value: Value) -> None:
        if self.site.receiver_at != NONE:
            self.frame.values[self.site.receiver_at] = value
