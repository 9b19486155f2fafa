"""F04: the provider of texts answers 503 to everybody; sign-in goes on by other ways."""

from __future__ import annotations

import time
from collections.abc import Iterator

from securityinfo.throttling.limits import PROVIDER_FAILURES
from tests.faults.whole import residents
from tests.faults.whole.residents import Resident, name_of
from tests.servers.installation import Installation
from tests.servers.processes import wait_until
from tests.servers.twilio import error

PEOPLE = 80  # one of them every tenth of a second, until each web process has noticed
WINDOW = PROVIDER_FAILURES.seconds  # only failures in the same one count together
RESTING = 'provider_resting{channel="text"}'
UNCLEAR = "messaging_message WHERE category = 'code' AND state = 'unknown'"
# Half a minute later.
RESTED = """
UPDATE throttling_counter SET hold_until = hold_until - 30, window_start = window_start - 30
WHERE key LIKE 'provider-%' RETURNING id
"""


def first_asked_by(there: Installation, channel: str, people: Iterator[Resident]) -> Resident:
    """Whoever is asked this way after the password; a web process remembers for two seconds."""
    for each in people:
        each.enter_password()
        sent = f"""messaging_message JOIN accounts_user ON accounts_user.id = user_id
            WHERE username = '{name_of(each.number)}' AND channel = '{channel}'"""
        if there.count(sent):
            return each
    raise AssertionError(f"nobody is asked by {channel}")


def test_sign_in_offers_other_ways_while_a_provider_fails_and_texts_again_afterwards(there):
    residents.settle(there, PEOPLE, "sms", "email")
    there.twilio.next(*[error(503)] * 5)
    processes = there.start()
    people = iter([Resident.of(there, number) for number in range(PEOPLE)])

    wait_until(lambda: time.time() % WINDOW < WINDOW / 3, what="for a window with room for five")
    for _ in range(5):
        next(people).enter_password()
    wait_until(lambda: there.count(UNCLEAR) == 5, what="for five failures")
    wait_until(lambda: there.number(RESTING) == 1, 20)
    by_mail = first_asked_by(there, "email", people)
    by_mail.answer(by_mail.mailed())
    asked_while_open = there.twilio.requests
    assert there.rows(RESTED)
    by_text = first_asked_by(there, "text", people)
    by_text.answer(by_text.texted())
    wait_until(lambda: there.number(RESTING) == 0, 20)

    assert by_mail.is_in
    assert by_text.is_in
    assert asked_while_open == 5  # at most one paid message for each request (I5)
    assert processes.codes.said.count("ALERT text: the provider fails") == 1
    assert "text: the provider works again" in processes.codes.said
