"""PostgreSQL goes away at once, under sign-ins, and comes back (F07)."""

from __future__ import annotations

import time

from tests.faults.invariants import Invariants
from tests.faults.sign_ins import Crowd, people

BACK_WITHIN = 10  # seconds


def test_sign_ins_survive_a_database_that_dies_and_comes_back(postgres, site):
    """F07, R129, I1–I5, I7, I8."""
    everybody = people(site, 24)
    before = Invariants(postgres, site)
    site.start_web()

    with Crowd(site, everybody) as crowd:
        crowd.await_sign_ins(more=5)
        postgres.kill()
        crowd.await_answers(503, more=5)
        begun = time.monotonic()
        postgres.start()
        crowd.await_sign_ins(more=5)
        took = time.monotonic() - begun

    assert took < BACK_WITHIN
    crowd.check()
    before.hold()
