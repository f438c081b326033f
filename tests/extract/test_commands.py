"""What is read of Makefiles and shell scripts."""

from __future__ import annotations

import pytest

from mldebt.declarations import Task
from mldebt.extract import read
from mldebt.facts import FileFacts
from mldebt.source import Kind


def facts_of(name: str, text: str) -> FileFacts:
    return read(Kind.COMMANDS, text.encode(), name)


def task(facts: FileFacts, name: str) -> Task:
    return next(one for one in facts.tasks if one.name == name)


def said(one: Task) -> list[str]:
    return [command.text for command in one.commands]


def test_a_target_has_its_needs_and_commands_with_variables_put_in() -> None:
    rule = "model out.csv: rows | folder\n\t@$(PY) train.py \\\n\t  --lr 1\n\t-rm $(X)\n"
    facts = facts_of("Makefile", f"PY := python3\n{rule}")
    assert [one.name for one in facts.tasks] == ["model", "out.csv"]
    assert task(facts, "model").needs == ("rows", "folder")
    assert said(task(facts, "model")) == ["python3 train.py  \t  --lr 1", "rm $(X)"]


def test_assignments_comments_and_special_targets_are_no_tasks() -> None:
    text = ".PHONY: all\n# all: nothing\nA = b: c\nB ?= d\nC += e\nexport D = f\nall: ; python run.py\n"
    facts = facts_of("makefile", text)
    assert [(one.name, said(one)) for one in facts.tasks] == [("all", ["python run.py"])]


def test_variables_that_use_themselves_end() -> None:
    facts = facts_of("Makefile", "A = $(A)$(A)\nall:\n\techo $(A)\n")
    assert len(said(task(facts, "all"))[0]) < 20_000


def test_a_script_is_one_task_without_its_comments_and_documents() -> None:
    text = "#!/bin/sh\n# first\npython a.py\ncat <<'EOF'\npython b.py\nEOF\npython c.py\n"
    facts = facts_of("run.sh", text)
    assert said(facts.tasks[0]) == ["python a.py", "cat <<'EOF'", "python c.py"]
    assert [text[c.start : c.end] for c in facts.tasks[0].commands] == said(facts.tasks[0])


def test_bytes_that_are_no_text_are_a_trouble() -> None:
    facts = read(Kind.COMMANDS, b"all:\n\t\xff\xfe python\n", "Makefile")
    assert [trouble.code for trouble in facts.troubles] == ["encoding"]


def test_variables_are_added_to_kept_and_unknown_under_a_condition() -> None:
    text = "A = a.py # first\nA += b.py\nA ?= c.py\nifdef X\nB = d.py\nendif\nall:\n\techo $(A) $(B) $$(A)\n"
    assert said(task(facts_of("Makefile", text), "all")) == ["echo a.py b.py $(B) $$(A)"]


def test_rules_of_one_target_are_one_task() -> None:
    facts = facts_of("Makefile", "all: a\nall: b\nall:\n\tpython x.py\nc d &: e\n\techo\n")
    assert [(one.name, one.needs) for one in facts.tasks] == [("all", ("a", "b")), ("c", ("e",)), ("d", ("e",))]


def test_what_is_no_here_document_hides_nothing() -> None:
    text = "x=$((1 << n))\necho 'a << b'\ncat <<A <<-B\n1\nA\n2\nB\n# end \\\npython b.py\n"
    assert said(facts_of("run.sh", text).tasks[0])[-1] == "python b.py"


@pytest.mark.parametrize(
    "text", ["a" + " " * 300_000, "export" + " " * 300_000, ":" * 300_000, "$(" * 150_000, "\\\n" * 100_000]
)
@pytest.mark.parametrize("name", ["Makefile", "run.sh"])
def test_hostile_lines_end(name: str, text: str) -> None:
    assert facts_of(name, f"A = {'x' * 9000}\nall:\n\techo {'$(A)' * 2000}\n{text}").kind == "commands"


def test_words_of_a_list_are_no_command() -> None:
    lines = ("local args=(", "  draw.py", '  --out "$(date)"', ")", "args+=(--wide)", "for ((i=0; i<3; i++)); do",
             'python "${args[@]}"', "done")  # fmt: skip
    facts = facts_of("run.sh", "\n".join(lines) + "\n")
    assert said(facts.tasks[0]) == ["for ((i=0; i<3; i++)); do", 'python "${args[@]}"', "done"]
