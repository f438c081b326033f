"""No test leaves a cache in a fixture, or finds what another one has kept; none fails because a machine is slow."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from mldebt.gather.cache_folder import VARIABLE

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own for what a test's scans keep."""
    monkeypatch.setenv(VARIABLE, str(tmp_path_factory.mktemp("kept") / "cache"))
