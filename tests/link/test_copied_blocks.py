"""Where stretches of steps that are written again begin and end."""

from __future__ import annotations

from mldebt import facts
from mldebt.link.copied_blocks import places


def test_what_belongs_to_no_line_of_its_own_widens_no_stretch() -> None:
    """A condition reaches to the end of all that hangs on it, and ways meet where no text is."""
    call = facts.Call(start=30, end=40, callee=0, arguments=())
    meets = facts.Phi(start=10, end=50, name="rows", values=())
    asks = facts.Branch(start=60, end=90, condition=0, then_end=4, end_step=4)
    assert places([call, meets, asks]) == [(30, 40), (60, 60), (60, 60)]
