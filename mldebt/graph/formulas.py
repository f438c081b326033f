"""What features are computed as. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

CHANGES = frozenset({"normalizes", "resizes"})
"""The traits of what changes an image by numbers that it is given."""


@dataclass(frozen=True, slots=True, order=True)
class Formula:
    """What one unit of code, or one statement, computes a feature as: `feature` is the node where that begins.

    `form` is its normal form (`mldebt/forms.py`), `rows` that of the condition on the rows that an aggregate of SQL
    takes, `scope` the common table expression it stands in. `whole` is the form with what the same code made before in
    place of the columns that hold it.
    """

    feature: str
    form: str
    rows: str = ""
    scope: str = ""
    whole: str = ""
