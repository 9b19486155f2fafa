"""A worker of the old release meets the tasks of the new one (F16)."""

from __future__ import annotations

from securityinfo.messaging.models import State
from tests.faults.delivery import paid
from tests.faults.delivery.rows import row
from tests.servers.processes import wait_until

UNKNOWN = "Received unregistered task"


def test_a_message_for_a_task_of_the_next_release_waits_for_it(
    start_worker, twilio, mail, ask_for_code, ask_for_text
):
    """F16, I5: the old worker leaves it alone and goes on; the new one sends it, once."""
    waiting = ask_for_text()
    old = start_worker(**twilio.environment)
    wait_until(lambda: UNKNOWN in old.said, what="for the old worker to see it")
    _, message = ask_for_code()
    wait_until(lambda: row(message).state == State.SENT, what="for the old worker to go on")
    assert row(waiting).state == State.PENDING

    new = start_worker("--include", paid.__name__, **twilio.environment)
    wait_until(lambda: row(waiting).state == State.SENT, what="for the new worker")
    old.stop()

    assert len(mail.received) == 1
    assert len(twilio.texts) == 1
    assert new.is_running
