"""What is told of findings that concern some files or owners alone."""

from __future__ import annotations

from mldebt.suppress.chosen import chosen
from mldebt.trail import Stop

from .test_exemptions import Span, finding

OURS = finding("a.py", owners=("@acme/Risk", "ann@example.org"))
THEIRS = finding("b.py", owners=("@ben",), trail=(Stop(Span("a.py", 7), "reads"),), fingerprint="v1:1")
NOBODYS = finding("c.py", fingerprint="v1:2")
ALL = (OURS, THEIRS, NOBODYS)


def test_nothing_chosen_is_everything() -> None:
    assert chosen(ALL, (), ()) == chosen(ALL, (), (), ())
    assert (chosen(ALL, (), ()).findings, chosen(ALL, (), ()).notes) == (ALL, ())


def test_files_and_owners_restrict_together() -> None:
    assert chosen(ALL, {"a.py"}, {"a.py"}).findings == (OURS, THEIRS)
    assert chosen(ALL, {"a.py"}, {"a.py"}, ("ben",)).findings == (THEIRS,)
    assert chosen(ALL, {"a.py", "x.md"}, {"a.py"}).notes == (
        "Only what has a place in the 2 files that are named: 1 other finding is left out.",
        "Named and not read: x.md.  mldebt files says why.",
    )


def test_an_owner_is_named_whole_or_as_a_team() -> None:
    for name in ("@acme/risk", "acme/Risk", "risk", "ann@example.org"):
        assert chosen(ALL, (), (), (name,)).findings == (OURS,), name
    for name in ("acme", "an", "@ri"):
        assert chosen(ALL, (), (), (name,)).findings == ()
    assert chosen(ALL, (), (), ("zoe",)).notes == (
        "Only what belongs to zoe: 3 other findings are left out.",
        "No finding belongs to zoe; those that own some: @acme/Risk, @ben, ann@example.org.",
    )
    assert "nobody (no CODEOWNERS)" in chosen((NOBODYS,), (), (), ("zoe",)).notes[1]
