"""A password hasher for tests that are about something else."""

from __future__ import annotations

from accounts.hashers import CappedArgon2Hasher


class QuickHasher(CappedArgon2Hasher):
    """The project's own with the least parameters that Argon2 takes: a hundredth of the time."""

    memory_cost = 8
    time_cost = 1
