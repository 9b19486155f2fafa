"""PostgreSQL goes away at once, under sign-ins, and comes back (F07)."""

from __future__ import annotations

import time

from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import Crowd, Person, people
from tests.servers.mail import MailServer
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until

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


def test_everybody_is_told_although_the_database_died(postgres, site):
    """F07, I4, I8: what the workers had in hand comes back to them."""
    everybody = people(site, 24)
    before = Invariants(postgres, site)
    with MailServer() as mail:
        site.environment["EMAIL_URL"] = mail.url
        worker, scheduler = site.start_worker(), site.start_scheduler()
        site.start_web()

        with Crowd(site, everybody) as crowd:
            crowd.await_sign_ins(more=4)
            postgres.kill()
            crowd.await_answers(503)
            postgres.start()
        end_all_waits(postgres)
        wait_until(lambda: all(told(mail, each) for each in everybody), 30, "for all mails")
        assert (worker.is_running, scheduler.is_running) == (True, True)

    crowd.check()
    before.hold()


def end_all_waits(postgres: Postgres) -> None:
    """What otherwise takes up to 45 s: leases of the dead connections, and patience."""
    with postgres.connect(DATABASE) as connection:
        connection.execute(
            "UPDATE messaging_message SET lease_until = now() - interval '1 s' "
            "WHERE state IN ('claimed', 'calling')"
        )
        connection.execute(
            "UPDATE messaging_message SET published_at = NULL, next_try_at = now() "
            "WHERE state = 'pending'"
        )


def told(mail: MailServer, person: Person) -> bool:
    return bool(mail.to(f"{person.name}@example.org"))
