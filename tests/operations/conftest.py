"""What the tests of operation share."""

from __future__ import annotations

import pytest

from securityinfo.messaging.transports import base
from securityinfo.operations import heartbeats, readiness


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch):
    """Neither of readiness nor of a transport's settings."""
    monkeypatch.setattr(readiness, "_latest", None)
    base._instance.cache_clear()
    yield
    base._instance.cache_clear()


@pytest.fixture
def at_work(db):
    """Scheduler and workers were seen a moment ago."""
    for name in heartbeats.EXPECTED:
        heartbeats.beat(name)
