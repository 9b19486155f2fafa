"""The project's settings in the environment of the tests; mypy and `make check` load them too."""

from __future__ import annotations

import os

from tests import environment

os.environ.update(environment.variables())

from securityinfo.settings import *  # noqa: F403 - the environment has to come first

EMAIL_TRANSPORT = "securityinfo.messaging.transports.memory.MemoryTransport"
