"""Password hashing that a flood of sign-ins can't turn against the server's memory."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts import crowd

log = logging.getLogger(__name__)

# 19 MiB each: two per core keep the processor busy and a process below 100 MiB.
SLOTS = 2 * (os.cpu_count() or 1)
PATIENCE = 2.0  # seconds to wait for a slot; a person rather tries again than waits longer


class Busy(Exception):
    """All slots stayed taken, or too many wait: answer 503 and ask to come back."""


class CappedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's minimum, about 30 ms a hash; Django's default takes 100 MiB."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    _slots = threading.BoundedSemaphore(SLOTS)

    def encode(self, password: str, salt: str) -> str:
        """Raises Busy."""
        with self._slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Raises Busy."""
        with self._slot():
            return super().verify(password, encoded)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=PATIENCE):
            log.warning("All %d slots for comparing passwords stayed taken.", SLOTS)
            raise Busy
        begun = time.monotonic()
        try:
            yield
        finally:
            self._slots.release()
            crowd.note_comparison(time.monotonic() - begun)
