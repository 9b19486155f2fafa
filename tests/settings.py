"""The project's settings in the environment of the tests; mypy and `make check` load them too."""

from __future__ import annotations

import os

from tests import environment

os.environ.update(environment.variables())

from securityinfo.settings import *  # noqa: F403 - the environment has to come first

EMAIL_TRANSPORT = TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.memory.MemoryTransport"
# The real one takes a tenth of the suite's time; tests/accounts/test_hashers.py is about it.
PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
# Static files are looked for when asked for: listing them for each client of each test took a
# twelfth of the time.
WHITENOISE_AUTOREFRESH = True
# The tests move the clock of the application; the database's own is not theirs to move.
CLOCK_OF_DATABASE = False
