"""Notebooks: cells, magics, lines in the file, and every way in which a notebook can be damaged."""

from __future__ import annotations

import ast
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.extract.magics import Translated, translate
from mldebt.extract.notebook import LARGEST, Notebook, assemble, read_notebook


def notebook(*sources: Any, language: str = "python", **more: Any) -> bytes:
    cells = [{"cell_type": "code", "execution_count": 3, "outputs": [], "source": each} for each in sources]
    metadata = {"kernelspec": {"language": language}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, **more}, indent=1).encode()


def text_of(source: str) -> str:
    (cell,) = read_notebook(notebook(source)).cells
    return cell.text


def translated(source: str) -> Translated:
    return translate(source.split("\n"))


def trouble_of(data: bytes) -> str:
    result = read_notebook(data)
    assert result.cells == ()
    (trouble,) = result.troubles
    assert trouble.text and trouble.cure
    return trouble.code


class TestCells:
    def test_numbers_count_all_cells_and_counts_are_kept(self) -> None:
        data = json.dumps(
            {
                "cells": [
                    {"cell_type": "markdown", "source": ["# Title"]},
                    {"cell_type": "code", "execution_count": None, "source": ["a = 1\n", "b = 2"]},
                    {"cell_type": "raw", "source": "x"},
                    {"cell_type": "code", "execution_count": 7, "source": "c = 3\n"},
                ]
            }
        ).encode()
        result = read_notebook(data)
        found = [(cell.number, cell.count, cell.text) for cell in result.cells]
        assert found == [(2, -1, "a = 1\nb = 2\n"), (4, 7, "c = 3\n")]
        assert (result.skipped, result.troubles) == (0, ())

    def test_each_line_knows_its_line_in_the_file(self) -> None:
        data = notebook(["x = 1\n", "é = '😀'\n", "y = 2"], ["z = 3"])
        lines = data.decode().split("\n")
        for cell in read_notebook(data).cells:
            for text, number in zip(cell.text.split("\n"), cell.file_lines, strict=False):
                assert json.dumps(text)[1:-1] in lines[number - 1]

    def test_one_string_stands_on_one_line_of_the_file(self) -> None:
        data = b'{"cells": [\n{"cell_type": "code", "source": "a\\nb\\r\\nc"}]}'
        (cell,) = read_notebook(data).cells
        assert (cell.text, cell.file_lines) == ("a\nb\nc\n", (2, 2, 2))

    def test_a_list_of_parts_of_lines_is_joined(self) -> None:
        data = b'{"cells": [{"cell_type": "code", "source": [\n"a = ",\n"1\\nb",\n" = 2\\n"\n]}]}'
        (cell,) = read_notebook(data).cells
        assert (cell.text, cell.file_lines) == ("a = 1\nb = 2\n", (2, 3))

    def test_windows_line_ends_and_a_mark_at_the_start(self) -> None:
        data = b"\xef\xbb\xbf" + notebook(["a = 1\n", "b = 2"]).replace(b"\n", b"\r\n")
        (cell,) = read_notebook(data).cells
        assert cell.text == "a = 1\nb = 2\n"
        assert b'"b = 2"' in data.split(b"\r\n")[cell.file_lines[1] - 1]

    def test_an_empty_cell_is_one_line(self) -> None:
        first, second = read_notebook(notebook([], "")).cells
        assert (first.text, len(first.file_lines), second.text) == ("\n", 1, "\n")

    def test_worksheets_of_format_3(self) -> None:
        cells = [
            {"cell_type": "heading", "level": 1, "source": ["T"]},
            {"cell_type": "code", "language": "python", "prompt_number": 4, "input": ["a = 1", "b = 2"]},
            {"cell_type": "code", "language": "python", "input": ["c = 1\n", "d = 2"]},
        ]
        result = read_notebook(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode())
        found = [(cell.number, cell.count, cell.text) for cell in result.cells]
        assert found == [(2, 4, "a = 1\nb = 2\n"), (3, -1, "c = 1\nd = 2\n")]

    def test_outputs_and_other_keys_are_passed_over(self) -> None:
        output = {"cells": [{"cell_type": "code", "source": "evil"}], "text": '"]}[{' * 50, "n": [1.5, None]}
        cell = {"outputs": [output], "cell_type": "code", "source": ["kept"], "attachments": {"source": "no"}}
        result = read_notebook(json.dumps({"x": {"cells": []}, "cells": [cell]}).encode())
        assert [each.text for each in result.cells] == ["kept\n"]

    def test_surrogates_become_characters_that_can_be_written(self) -> None:
        data = b'{"cells": [{"cell_type": "code", "source": "a = \'\\ud800 \\ud83d\\ude00\'"}]}'
        (cell,) = read_notebook(data).cells
        assert cell.text == "a = '\ufffd \U0001f600'\n"

    def test_assemble_marks_where_cells_begin(self) -> None:
        text, marks = assemble(read_notebook(notebook("a\nb", "", "c\n")))
        assert text == "a\nb\n\nc\n"
        assert [(mark.number, mark.first, len(mark.file_lines)) for mark in marks] == [
            (1, 0, 2),
            (2, 2, 1),
            (3, 3, 1),
        ]


class TestLanguages:
    @pytest.mark.parametrize("language", ["R", "julia", "scala", "bash"])
    def test_other_kernels_are_counted(self, language: str) -> None:
        assert read_notebook(notebook("x <- 1", "y", language=language)) == Notebook((), 2, ())

    @pytest.mark.parametrize("language", ["python", "Python", "python3", "ipython", "pyspark", ""])
    def test_python_kernels_are_read(self, language: str) -> None:
        assert len(read_notebook(notebook("x = 1", language=language)).cells) == 1

    def test_a_kernel_without_language_is_known_by_its_name(self) -> None:
        data = json.dumps(
            {"cells": [{"cell_type": "code", "source": "x"}], "metadata": {"kernelspec": {"name": "ir"}}}
        ).encode()
        assert read_notebook(data).skipped == 1

    def test_a_cell_may_have_a_language_of_its_own(self) -> None:
        cell = {"cell_type": "code", "source": "select 1", "metadata": {"vscode": {"languageId": "sql"}}}
        result = read_notebook(json.dumps({"cells": [cell]}).encode())
        assert (result.cells, result.skipped) == ((), 1)

    def test_a_cell_in_another_language_keeps_its_body(self) -> None:
        result = read_notebook(notebook("%%sql orders\nselect a\nfrom t", "%%bash\npython train.py", "x = 1"))
        assert [cell.text.strip() for cell in result.cells] == ["", "", "x = 1"]
        assert result.skipped == 2
        assert result.cells[0].magics == ((0, "cell", "sql", "orders\nselect a\nfrom t"),)
        assert result.cells[1].magics == ((0, "shell", "bash", "python train.py"),)


class TestMagics:
    @pytest.mark.parametrize(
        ("source", "mark"),
        [
            ("%matplotlib inline", (0, "line", "matplotlib", "inline")),
            ("%run ../prepare.py --fast", (0, "run", "run", "../prepare.py --fast")),
            ("!python train.py", (0, "shell", "!", "python train.py")),
            ("!!ls", (0, "shell", "!!", "ls")),
            ("%sx ls", (0, "shell", "sx", "ls")),
            ("pip install x", (0, "line", "pip", "install x")),
            ("ls -la /data", (0, "line", "ls", "-la /data")),
            ("cd ..", (0, "line", "cd", "..")),
            ("pwd", (0, "line", "pwd", "")),
            ("mkdir out", (0, "line", "mkdir", "out")),
            ("?frame", (0, "line", "?", "frame")),
            ("frame.head??", (0, "line", "?", "frame.head")),
            ("%time?", (0, "line", "?", "%time")),
        ],
    )
    def test_a_line_becomes_blanks_of_its_length(self, source: str, mark: tuple[int, str, str, str]) -> None:
        result = translated(f"{source}\nx = 1")
        assert result.text == " " * len(source) + "\nx = 1\n"
        assert (result.marks, result.foreign) == ((mark,), False)

    @pytest.mark.parametrize(
        "source",
        [
            "ls = 5", "ls == 3", "cat.head()", "cat in names", "pip: int = 3", "pwd()", "cp / 2", "ls[0]",
            "a = b % c", "x = '''\n%time\n!ls\npip install\n'''", "f(a,\n  %b\n)", "a = 1 + \\\n%b", "x != y",
            "# what?", "print('really?')", "s = \"it's\"\nt = {\n '%d'\n}", "a = '\\''\nb = 2  # [",
            "d = f'{x[\"a\"]}'", "assert a == b, '!'",
        ],
    )  # fmt: skip
    def test_python_stays(self, source: str) -> None:
        assert translated(source) == Translated(source + "\n", (), False)

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("files = !ls data", "files = None    "),
            ("a, b = !two words", "a, b = None      "),
            ("d['k'] = %timeit -o f()", "d['k'] = None          "),
            ("x = !l", "x = None"),
            ("x = %time f(1)", "x =       f(1)"),
            ("%time df = load('a')", "pass; df = load('a')"),
            ("%timeit -n 10 -r3 f(x)", "pass;             f(x)"),
            ("%time for i in x: f(i)", " " * 22),
            ("%time !ls", " " * 9),
            ("%prun -s cumulative f()", " " * 23),
            ("if x:\n    !ls -la\n    %run a.py", "if x:\n    pass   \n    pass     "),
            ("try:\n  !x\nfinally:\n  pass", "try:\n  pass\nfinally:\n  pass"),
            ("!pip install \\\n  a \\\n  b\nx = 1", " " * 14 + "\n     \n   \nx = 1"),
        ],
    )
    def test_what_stands_in_is_python_at_the_same_place(self, source: str, expected: str) -> None:
        result = translated(source)
        assert result.text == expected + "\n"
        assert result.marks
        ast.parse(result.text)

    @pytest.mark.parametrize(
        "first", ["%%time", "%%timeit -n 3", "%%capture out", "# note\n%%time", "\n%%time\n%%capture"]
    )
    def test_cells_that_stay_python_lose_only_the_first_line(self, first: str) -> None:
        result = translated(f"{first}\nx = 1\n%%bash")
        blank = "\n".join(line if line.startswith("#") else " " * len(line) for line in first.split("\n"))
        assert result.text == f"{blank}\nx = 1\n      \n"
        assert not result.foreign
        assert {mark[1] for mark in result.marks} == {"cell"}

    @pytest.mark.parametrize(
        ("source", "kind", "rest"),
        [
            ("%%R -i df\nplot(df)", "cell", "-i df\nplot(df)"),
            ("%%writefile evil.py\nimport os", "cell", "evil.py\nimport os"),
            ("%%script bash\nls", "shell", "ls"),
            ("%%!\nls", "shell", "\nls"),
            ("%sql\nselect 1", "cell", "\nselect 1"),
            ("%md # Title\ntext", "cell", "# Title\ntext"),
            ("%sh ls\ncat x", "shell", "ls\ncat x"),
        ],
    )
    def test_cells_in_other_languages(self, source: str, kind: str, rest: str) -> None:
        result = translated(source)
        assert result.foreign and not result.text.strip()
        assert [(mark[1], mark[3]) for mark in result.marks] == [(kind, rest)]

    def test_offsets_point_at_the_sign_also_behind_a_line_that_grew(self) -> None:
        result = translated("x = !l\nif x:\n    %run a.py")
        assert [mark[0] for mark in result.marks] == [4, len("x = None\nif x:\n    ")]

    @pytest.mark.parametrize(
        "line",
        [
            "!curl -u x https://me:hunter22@host/",
            "%env API_TOKEN hunter22",
            "!export DB_PASSWORD=hunter22 && run",
        ],
    )
    def test_no_secret_is_kept(self, line: str) -> None:
        ((_, _, _, rest),) = translated(line).marks
        assert "hunter22" not in rest and "***" in rest


class TestDamage:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty"),
            (b" \n ", "empty"),
            (b"[]", "syntax"),
            (b"{}", "syntax"),
            (b'{"cells": null}', "syntax"),
            (b'{"cells": {}}', "syntax"),
            (b'{"cells": {"0": {"cell_type": "code", "source": "x"}}}', "syntax"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "truncated"),
            (b'{"cells": [\n<<<<<<< HEAD\n{}\n=======\n>>>>>>> x\n]}', "syntax"),
            ("{}".encode("utf-16"), "encoding"),
            (b'{"cells": [{"cell_type": "code", "source": "\xff"}]}', "encoding"),
            (b'{"cells": [{"cell_type": "code", "source": "\\q"}]}', "syntax"),
            (b"{'cells': []}", "syntax"),
            (b'{"cells": []} x', "syntax"),
            (b"[" * 100_000, "truncated"),
            (b'{"a":' * 100_000, "truncated"),
            (b'{"cells": [' + b"1," * 400_000 + b"1]}", "too-large"),
        ],
    )
    def test_one_trouble_with_a_cure(self, data: bytes, code: str) -> None:
        assert trouble_of(data) == code

    def test_every_cut_of_a_notebook_is_noticed(self) -> None:
        data = notebook(["a = '\\'\n", "b"], "c")
        assert {trouble_of(data[:end]) for end in range(1, len(data))} == {"truncated"}

    def test_a_notebook_that_is_too_large(self) -> None:
        assert trouble_of(b" " * (LARGEST + 1)) == "too-large"

    def test_an_empty_notebook_is_fine(self) -> None:
        assert read_notebook(notebook()) == Notebook((), 0, ())

    @pytest.mark.parametrize("source", [None, 5, {"a": 1}])
    def test_a_cell_without_a_source_leaves_the_others(self, source: Any) -> None:
        result = read_notebook(notebook("a", source, "b"))
        assert [cell.number for cell in result.cells] == [1, 3]
        assert [(trouble.code, "cell 2" in trouble.text) for trouble in result.troubles] == [("syntax", True)]

    def test_nested_lists_numbers_and_repeated_keys_in_a_source(self) -> None:
        fields = b'"source": "old", "source": ["a", ["b"], 5, "c"], "execution_count": 1e9'
        data = b'{"cells": [{"cell_type": "code", ' + fields + b"}]}"
        (cell,) = read_notebook(data).cells
        assert (cell.text, cell.count) == ("ac\n", -1)

    def test_deep_and_strange_outputs_do_no_harm(self) -> None:
        deep = b"[" * 200_000 + b"]" * 200_000
        strange = b'[NaN, -Infinity, "\\ud800", "\xff", ' + b"9" * 10_000 + b"," + deep + b"]"
        data = b'{"cells": [{"cell_type": "code", "outputs": ' + strange + b', "source": "x"}]}'
        assert [cell.text for cell in read_notebook(data).cells] == ["x\n"]

    def test_large_outputs_are_passed_over_quickly(self) -> None:
        outputs = [{"data": {"text/html": ["<td>\\n</td>\n"] * 20_000, "image/png": "iVBOR" * 1_000_000}}]
        cell = {"cell_type": "code", "outputs": outputs, "source": ["x = 1"]}
        data = json.dumps({"cells": [cell] * 3}).encode()
        started = time.perf_counter()
        assert len(read_notebook(data).cells) == 3
        assert time.perf_counter() - started < 5


VALID = notebook(["%time x = f(\n", " 'a')\n", "!ls"], "%%bash\nls", {"a": [1]}, "y = '''\n%no'''")


def check(data: bytes) -> None:
    result = read_notebook(data)
    assert result.cells or result.skipped or result.troubles or b"[" in data
    text, marks = assemble(result)
    text.encode()
    for cell, mark in zip(result.cells, marks, strict=True):
        assert cell.text.endswith("\n") and cell.text.count("\n") == len(cell.file_lines)
        assert all(1 <= line <= data.count(b"\n") + data.count(b"\r") + 1 for line in cell.file_lines)
        assert all(0 <= offset <= len(cell.text) for offset, _, _, _ in cell.magics)
        assert (
            mark.first
            == len("".join(each.text for each in result.cells[: marks.index(mark)]).split("\n")) - 1
        )


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    check(data)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_mutation_raises(data: st.DataObject) -> None:
    mutated = VALID
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(mutated)))
        end = data.draw(st.integers(start, min(len(mutated), start + 20)))
        piece = data.draw(
            st.sampled_from([b'"', b"\\", b"[", b"}", b",", b"\xff", b"%%", b"\r", b"", b"null", b"\n"])
        )
        mutated = mutated[:start] + piece + mutated[end:]
    check(mutated)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["%time ", "!", "x = ", "'", '"""', "(", ")", "\\", "?", "  ", "\n", "f", "%%", "#", "1"]
        )
    )
)
def test_lines_stay_whatever_the_source(parts: list[str]) -> None:
    source = "".join(parts)
    result = translated(source)
    assert result.text.count("\n") == source.count("\n") + 1
    first = next((line for line in source.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    for line, before in zip(result.text.split("\n"), source.split("\n"), strict=False):
        assert len(before.removeprefix(indent)) <= len(line) <= len(before) + 4


def test_the_indentation_of_a_whole_cell_is_taken_away() -> None:
    assert translated("\n    a = 1\n    if a:\n        b = 2").text == "\na = 1\nif a:\n    b = 2\n"
    assert translated("if a:\n    b = 2").text == "if a:\n    b = 2\n"
