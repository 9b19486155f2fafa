"""Is every variable one that we know, and does nobody else read the secrets?"""

from __future__ import annotations

import stat
from pathlib import Path

from django.conf import settings

from securityinfo import env
from securityinfo.operations import variables
from securityinfo.operations.findings import Findings, ok, warning

ABOUT = "configuration"
# Where a container engine shows secrets, with the modes that they have outside; in the container is
# nobody but us.
IN_A_CONTAINER = "/run/secrets/"


def findings() -> Findings:
    if settings.PRODUCTION:
        yield ok(ABOUT, f"For production, at {settings.PUBLIC_URL}.")
    else:
        yield warning(ABOUT, "Not for production: it is the demo, a test, or debugging.")
    for name in variables.unused():
        yield warning(ABOUT, f"{name} is set and not used: is it misspelled?")
    for reading in env.readings.values():
        if reading.may_be_a_file and _is_open(reading.source):
            yield warning(ABOUT, f"Everybody may read {reading.source}: chmod o-r.")


def _is_open(source: str) -> bool:
    if source in (env.ENVIRONMENT, env.DEFAULT) or source.startswith(IN_A_CONTAINER):
        return False
    try:
        return bool(Path(source).stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
