"""F19: however many notices wait, a code has its own way, and monitoring sees what is late."""

from __future__ import annotations

import signal

import pytest

from tests.faults.whole import residents
from tests.faults.whole.residents import Resident
from tests.servers.installation import installed
from tests.servers.processes import wait_until

PEOPLE = 8
NOTICES = 3_000
WAITING = "messaging_message WHERE category = 'notice' AND state = 'pending'"
CODE_IS_LATE = """
UPDATE messaging_message SET next_try_at = now() - interval '2 minutes'
WHERE category = 'code' AND state = 'pending' RETURNING id
"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """Both workers at work, and a mail server that takes a second for each of the notices."""
    with installed(tmp_path_factory.mktemp("site")) as there:
        residents.settle(there, PEOPLE + 1, "sms")
        there.mail.mailbox.pause = 1
        processes = there.start()
        there.site.run(f"from tests import backlog; backlog.fill({NOTICES}, in_broker=True)")
        wait_until(lambda: there.mail.received, what="for the first notice")
        yield there, processes


def test_codes_overtake_the_notices_that_wait(crowded):
    there, _ = crowded
    people = [Resident.of(there, number) for number in range(PEOPLE)]

    for each in people:
        each.enter_password()
    codes = [each.texted() for each in people]
    still_waiting = there.count(WAITING)
    for each, code in zip(people, codes, strict=True):
        each.answer(code)

    assert all(each.is_in for each in people)
    assert still_waiting > NOTICES * 0.9


def test_monitoring_sees_how_old_notices_and_codes_are(crowded):
    there, processes = crowded
    somebody = Resident.of(there, PEOPLE)
    in_time = there.checks()["codes"]
    age_of_notices = there.number('oldest_waiting_seconds{category="notice"}')

    processes.codes.send(signal.SIGSTOP)
    try:
        somebody.enter_password()
        assert len(there.rows(CODE_IS_LATE)) == 1
        wait_until(lambda: there.checks()["codes"].startswith("the oldest waits for 1"), 20)
        age_of_codes = there.number("oldest_untried_code_seconds")
    finally:
        processes.codes.send(signal.SIGCONT)
    somebody.answer(somebody.texted())

    assert in_time == "ok"
    assert age_of_notices > 1_800
    assert age_of_codes > 100
    assert somebody.is_in
