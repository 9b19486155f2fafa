"""What holds after every fault (docs/developers/faults.md), asked of the database itself."""

from __future__ import annotations

from typing import LiteralString, Self

from tests.servers.postgres import Postgres
from tests.servers.site import Site

DATABASE = "site"
EVENTS: LiteralString = (
    "(SELECT count(*) FROM audit_event WHERE subject = public_id AND tag = '{}' {})"
)
ANSWERED: LiteralString = EVENTS.format("challenge.answered", "AND purpose = 'sign_in'")
RIGHT: LiteralString = EVENTS.format(
    "challenge.answered", "AND purpose = 'sign_in' AND result = 'ok'"
)
TRUSTED: LiteralString = EVENTS.format("browser.trusted_used", "")
COMPLETED: LiteralString = EVENTS.format("sign_in.completed", "")
OF_PERSON: LiteralString = "(SELECT {} FROM methods_challenge WHERE user_id = person.id AND {})"
TRIES: LiteralString = OF_PERSON.format("COALESCE(sum(tries), 0)", "purpose = 'sign_in'")
VERIFIED: LiteralString = OF_PERSON.format(
    "count(*)", "purpose = 'sign_in' AND outcome = 'verified'"
)
SESSIONS: LiteralString = "(SELECT count(*) FROM accounts_session WHERE user_id = person.id)"
METHODS: LiteralString = (
    "(SELECT count(*) FROM methods_registration WHERE user_id = person.id AND confirmed)"
)
PEOPLE: LiteralString = "SELECT username FROM accounts_user AS person WHERE "
# Each finds whom it does not hold for.
BROKEN: dict[str, LiteralString] = {
    "I1 a code counts once, and its event says so": PEOPLE + f"{VERIFIED} <> {RIGHT}",
    "I2 a try is counted before its answer is judged": PEOPLE + f"{ANSWERED} > {TRIES}",
    "I2 no challenge takes more tries than it has": (
        "SELECT id FROM methods_challenge WHERE tries > max_tries"
    ),
    "I3 a session has an event": PEOPLE + f"{SESSIONS} > {COMPLETED}",
    "I4 whoever signs in in a new browser is told": (
        "SELECT subject FROM audit_event WHERE tag = 'browser.known_added' AND NOT EXISTS ("
        "SELECT 1 FROM messaging_message JOIN accounts_user ON user_id = accounts_user.id "
        "WHERE public_id = subject AND category = 'notice' AND state <> 'failed')"
    ),
    "I5 a code is sent by one message": (
        "SELECT reference FROM messaging_message WHERE category = 'code' "
        "GROUP BY reference, generation HAVING count(*) > 1"
    ),
    "I7 whoever is signed in has proved it": PEOPLE + f"{COMPLETED} > {VERIFIED} + {TRUSTED}",
    "I7 nobody's session belongs to a sign-in": (
        "SELECT digest FROM accounts_session WHERE user_id IS NULL AND fresh_at IS NOT NULL"
    ),
}


class Invariants:
    """`Invariants(postgres, site)` before the fault; `.hold()` after it."""

    def __init__(self, postgres: Postgres, site: Site) -> None:
        self.postgres, self.site = postgres, site
        self.methods = self._ask(f"SELECT username, {METHODS} FROM accounts_user AS person")

    def hold(self) -> Self:
        broken = {name: found for name, sql in BROKEN.items() if (found := self._ask(sql))}
        assert broken == {}, broken
        # Nothing here sets methods up.
        assert self.methods == self._ask(f"SELECT username, {METHODS} FROM accounts_user AS person")
        assert "intact" in self.site.manage("verify_audit")
        return self

    def _ask(self, sql: LiteralString) -> set[tuple[object, ...]]:
        with self.postgres.connect(DATABASE) as connection:
            return set(connection.execute(sql).fetchall())
