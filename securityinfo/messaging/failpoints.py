"""Named places at which a test kills the process, as a power cut would."""

from __future__ import annotations

import os

from django.conf import settings

VARIABLE = "FAILPOINT"
STATUS = 137  # what a shell reports of a killed process


def reach(name: str) -> None:
    """End this process if the tests ask for it here; without cleaning up."""
    if settings.TESTING and os.environ.get(VARIABLE) == name:
        os._exit(STATUS)
