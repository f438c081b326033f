from __future__ import annotations

from pathlib import Path

from mldebt.cards import load_cards
from mldebt.findings import Report, Stats
from mldebt.render import card as as_card
from mldebt.render import problems
from mldebt.render.options import Options
from mldebt.source import Problem, Span

CARDS = load_cards(Path(__file__).parents[2] / "rules" / "cards")


def test_problems_are_grouped_and_harmless(report: Report) -> None:
    text = problems.render(report, Options())
    assert text.startswith(" not-followed: 3\n   ingest/a.py:9  unknown reader\n")
    assert "   b\\n::error::pwned.py:1  no Python: \\x1b]0;owned\\x07\n     cure: repair it\n" in text
    assert " 4 problems; the scan is complete.\n" in text
    assert (
        " 412 places in the code that read or write:\n"
        "      300   73%  path known\n"
        "       75   18%  known in part\n"
        "       37    9%  not known\n"
    ) in text
    assert " Library calls without a catalogue row:\n      118  acme_io.load_frame\n" in text


def test_reasons_are_ranked_and_a_problem_without_a_place_names_none() -> None:
    stats = Stats(accesses=3, unknown=3, reasons=(("b", 1), ("a", 2)))
    problems_of_the_run = (Problem(Span("", 0), "bound", "alternatives: 2"),)
    text = problems.render(Report(".", (), problems_of_the_run, stats), Options())
    assert " bound: 1\n   alternatives: 2\n" in text
    assert "        3  100%  not known\n Why it is not known:\n        2  a\n        1  b\n" in text


def test_no_problems_is_said() -> None:
    text = problems.render(Report(".", (), (), Stats(), complete=False), Options())
    assert text.startswith(" 0 problems; the scan is not complete.\n")


def test_a_page_says_all_of_its_card() -> None:
    for card in CARDS.values():
        page = as_card.render(card)
        for text in (card.title, card.what, card.why, card.fix, card.not_when, *card.references):
            assert text in page, (card.slug, text)
        for name, text in (*card.bad.items(), *card.good.items()):
            assert f"`{name}`" in page and text.strip("\n") in page
        assert page.count("```") == 2 * (len(card.bad) + len(card.good))
        assert "{" not in page.split("## Reported")[0], "placeholders are shown as words"


def test_a_page_opens_with_the_rule() -> None:
    page = as_card.render(CARDS["hardcoded-config"])
    assert page.startswith("# hardcoded-config\n\nA setting that changes")
    assert "| Profile | full |" in page and "[fixed-threshold](fixed-threshold.md)" in page
