"""No test leaves a cache in a fixture, or finds what another one has kept."""

from __future__ import annotations

import pytest

from mldebt.gather.cache_folder import VARIABLE


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own for what a test's scans keep."""
    monkeypatch.setenv(VARIABLE, str(tmp_path_factory.mktemp("kept") / "cache"))
