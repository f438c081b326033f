from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mldebt.render.safe import break_commands, finish, visible, without_surrogates


def test_what_steers_a_terminal_is_written_out() -> None:
    assert visible("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert visible("a\nb\rc\td\x7f\x9b") == "a\\nb\\rc\td\\x7f\\x9b"
    assert visible("x\u202ey\u200bz\u2028\ufeff\xad") == "x<U+202E>y<U+200B>z<U+2028><U+FEFF><U+00AD>"
    assert visible("non\udcff\ud800.py") == "non\\xff<U+D800>.py"


def test_plain_text_stays() -> None:
    assert visible("données/scores[0].csv {x} 表 😀") == "données/scores[0].csv {x} 表 😀"


def test_every_character_that_hides_is_shown() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and chr(code) != "\t":
            assert visible(chr(code)).isascii() and visible(chr(code)).isprintable(), hex(code)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"])))
def test_visible_text_is_one_printable_line(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in shown if c != "\t")
    assert visible(shown) == shown


def test_surrogates_become_text_that_utf8_can_hold() -> None:
    assert without_surrogates("a\udcffb").encode("utf-8") == b"a\\udcffb"


def test_commands_of_build_servers_are_broken_up() -> None:
    text = break_commands(
        "::error::x\n  ::stop-commands::y\n\x1b[1m::add-mask::z\na ##[error]b ##vso[task]c a::b"
    )
    assert text.split("\n") == [
        ": :error::x",
        "  : :stop-commands::y",
        "\x1b[1m: :add-mask::z",
        "a # #[error]b # #vso[task]c a::b",
    ]


def test_finish_keeps_to_ascii_when_asked() -> None:
    assert finish("─ é  \n\n", ascii=True, in_actions=False) == "\\u2500 \\xe9\n"
    assert finish("::x", ascii=False, in_actions=False) == "::x\n"
    assert finish("::x", ascii=False, in_actions=True) == ": :x\n"
