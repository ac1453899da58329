"""Fixtures for all tests: no network, no settings or tokens of the person who runs them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from site_folder import Site

# The same cases in every run, so that a failure is somebody's change. HYPOTHESIS_PROFILE=explore looks for others.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("explore"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

# Each worker, and each process that a test starts, would compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PAGEMILL_") or name in ("BUILDIN_TOKEN", "NOTION_TOKEN"):
            monkeypatch.delenv(name)


@pytest.fixture(params=["buildin", "notion"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """An empty folder beside an empty embedded workspace, once for each service it can play."""
    return Site(tmp_path, {"dialect": request.param})
