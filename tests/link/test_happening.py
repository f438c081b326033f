"""What happens while the graph is put together."""

from pathlib import Path

import msgspec
import pytest

from mldebt.link.assemble import Assembler
from mldebt.link.values import Event
from tests.scanning import scan


def test_a_call_that_happens_once_more_meanwhile_is_no_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.py").write_text("import pandas as pd\n\npd.read_csv('a.csv').to_csv('b.csv')\n", "utf-8")
    asked = Assembler._is_node

    def asking(self: Assembler, event: Event) -> bool:
        if not event.guards:
            self.machine.ground[msgspec.structs.replace(event, chain=((0, 1, 2), *event.chain))] = None
        return asked(self, event)

    monkeypatch.setattr(Assembler, "_is_node", asking)
    assert scan(tmp_path, ("untested-data",)).complete
