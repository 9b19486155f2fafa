"""The next release's migration runs while the processes of this one are at work (F16)."""

from __future__ import annotations

from tests.faults.database.monitoring import AT_WORK, await_ready
from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import Crowd, people

# What a migration may do as long as the release before it runs (docs/developers/migrations.md).
EXPANDING = (
    "ALTER TABLE accounts_session ADD COLUMN later integer NULL",
    "ALTER TABLE accounts_user ADD COLUMN later varchar(20) NOT NULL DEFAULT ''",
    "ALTER TABLE methods_challenge ADD COLUMN later boolean NOT NULL DEFAULT false",
    "ALTER TABLE methods_registration ADD COLUMN later jsonb NULL",
    "ALTER TABLE messaging_message ADD COLUMN later varchar(20) NOT NULL DEFAULT ''",
    "CREATE TABLE accounts_later (id bigint PRIMARY KEY, user_id bigint NOT NULL"
    " REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE INDEX CONCURRENTLY audit_event_later ON audit_event (kind, id)",
    "CREATE INDEX CONCURRENTLY accounts_session_later ON accounts_session (address)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_later', now())",
)
AT_MOST = 0.01  # of all answers


def test_sign_ins_go_on_while_the_next_release_migrates(postgres, site):
    """F16, I1–I5, I7: what was prepared before fits after it, too."""
    everybody = people(site, 24)
    site.run(AT_WORK)
    before = Invariants(postgres, site)
    web = site.start_web()

    with Crowd(site, everybody) as crowd, postgres.connect(DATABASE) as admin:
        admin.execute("SET lock_timeout = '5s'")
        crowd.await_sign_ins(more=4)
        for statement in EXPANDING:
            admin.execute(statement)
            crowd.await_sign_ins()
    failed = [each for each in crowd.asked if each.status >= 500]

    assert len(failed) <= AT_MOST * len(crowd.asked), web.said
    assert len(crowd.accepted) == len(everybody)
    await_ready(site)
    before.hold()


def test_a_migration_that_meets_a_long_transaction_gives_way(postgres, site):
    """F16, R129: it fails after 5 s with nothing done, and the next try does it."""
    site.manage("migrate", "methods", "0006", "--verbosity", "0")
    with postgres.connect(DATABASE) as other, other.transaction():
        other.execute("SELECT 1 FROM methods_registration")
        refused = site.fails("migrate", "--verbosity", "0")

    assert "lock timeout" in refused
    site.manage("migrate", "--verbosity", "0")
    assert "All migrations of this release are applied" in site.fails("doctor")


def test_a_migration_may_take_longer_than_a_page(postgres, site):
    """F16: the statements of pages end after 10 s."""
    said = site.run(SHOW)

    assert said.split() == ["0", "10s"]


SHOW = """
from django.db import connection
from securityinfo.operations.management.commands.migrate import as_long_as_it_takes
def show():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        print(*cursor.fetchone())
with as_long_as_it_takes(connection):
    show()
show()
"""
