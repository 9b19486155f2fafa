"""What crowds have in common."""

from __future__ import annotations

import pytest

from securityinfo import throttling
from securityinfo.throttling import limits

OF_ANSWERS = ("ANSWERS_BY_ADDRESS", "ANSWERS_BY_ACCOUNT", "RESET_ANSWERS_BY_ACCOUNT")


@pytest.fixture
def wide(monkeypatch):
    """Limits of answers far away, so that the challenge or the counter alone has to hold."""
    for name in OF_ANSWERS:
        far = tuple(
            throttling.Limit(each.name, 10_000, each.seconds) for each in vars(limits)[name]
        )
        monkeypatch.setattr(limits, name, far)
    far = (throttling.Limit("caller-answers", 10_000, limits.HOUR),)
    monkeypatch.setattr(limits, "CALLER_ANSWERS_BY_ACCOUNT", far)
