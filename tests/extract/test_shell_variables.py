"""Variables of shell scripts, put in where commands use them."""

from __future__ import annotations

import pytest

from mldebt.extract.shell_variables import LONGEST, ShellVariables


def last(*lines: str) -> str:
    variables = ShellVariables()
    return [variables.read(line) for line in lines][-1]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('export ROWS="data/tides.csv"', 'python fit.py --rows "$ROWS"'), 'python fit.py --rows "data/tides.csv"'),
        (("A=data", "B=${A}/x.csv", "cat $B"), "cat data/x.csv"),
        (("N=${M:-10}", "run $N ${K-5}"), "run 10 5"),
        ((': "${M:=10}"', "run ${M:=10}"), "run 10"),
        (("A=1", "A+=2", "run $A"), "run 12"),
        (("A=1", "A=2", "run $A"), "run 2"),
        (("A=1", "run '$A' \\$A"), "run '$A' \\$A"),
        (("A=1", 'say "it\'s $A" and \'$A\''), 'say "it\'s 1" and \'$A\''),
        (("export A=1 B=2", "run $A $B"), "run 1 2"),
        (("declare -r A=1", "run $A"), "run 1"),
    ],
)
def test_what_is_known_is_put_in(lines, said):
    assert last(*lines) == said


@pytest.mark.parametrize(
    "lines",
    [
        ("A=1", "if [ -f x ]; then", "A=2", "fi", "run $A"),
        ("A=1", "if true; then A=2; fi", "run $A"),
        ("A=1", "change() {", "A=2", "}", "run $A"),
        ("A=1", "for A in 1 2; do", "run $A"),
        ("A=1", "read -r A", "run $A"),
        ("A=1", "while read B A; do", "run $A"),
        ("A=1", "A=$(date)", "run $A"),
        ("A=1", "test -f x && A=2", "run $A"),
        ("A=1 python fit.py", "run $A"),
        ('A=\'{"rate": 1}\'', "run $A"),
        ("A=1", ". ./settings.sh", "run $A"),
        ("A=1", "test -f x && source x", "run $A"),
        ("run $A",),
    ],
)
def test_what_may_be_otherwise_stays_as_it_is_written(lines):
    assert last(*lines) == "run $A"


def test_what_grows_beyond_all_measure_is_left_as_it_is():
    assert len(last("A=" + "x" * 9000, "B=$A", "run " + "$B" * 500)) <= LONGEST


def test_defaults_are_those_of_variables_that_come_from_outside():
    variables = ShellVariables()
    for line in ("A=1", "export B=${B:-2}", "run ${A:-3} ${C:-4} ${B:-5} '${D:-6}' ${1:-7}"):
        variables.read(line)
    assert variables.defaults == {"B": "2", "C": "4"}
