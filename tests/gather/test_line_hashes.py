"""GitHub's identity of a line, against the window that rolls over the text one unit at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mldebt.gather.line_hashes import LENGTH, line_hashes


def rolled(text: str) -> list[str]:
    """The hash of the units of each line and those behind it, each line for itself."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    seen: dict[int, int] = {}
    found = []
    for number in range(len(lines)):
        units = []
        for character in "\n".join(lines[number:]).replace(" ", "").replace("\t", ""):
            code = ord(character)
            units += [code] if code < 0x10000 else [0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code - 0x10000 & 0x3FF)]
        value = 0
        for unit in [*units, 65535, *[0] * LENGTH][:LENGTH]:
            value = (value * 37 + unit) % 2**64
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


@given(st.text(alphabet=st.sampled_from("ab \t\n\ré\U0001f600"), max_size=300))
def test_every_line_has_the_hash_of_what_begins_there(text: str) -> None:
    assert list(line_hashes(text)) == rolled(text)


def test_equal_lines_are_told_apart_and_blanks_do_not_count() -> None:
    hashes = line_hashes("x = 1\n" * 40)
    assert len(set(hashes)) == 41
    assert hashes[0].endswith(":1") and hashes[1] == hashes[0].replace(":1", ":2")
    assert line_hashes("a = 1\r\n\tb") == line_hashes("a=1\nb")
