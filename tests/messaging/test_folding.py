"""NO4, R090: the same event again within a quarter of an hour becomes one further message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from securityinfo.messaging import alarms, folding, notices, outbox, sweeper, tasks
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.transports.memory import MemoryTransport
from tests.messaging.test_notices import event_about

WORK = Contact("email", "bob@example.org", "b•••@example.org")
HOME = Contact("email", "bob@example.net", "b•••@example.net")
PHONE = Contact("text", "+31612345678", "ending 78")
FIRST_AT = datetime(2026, 11, 22, 13, 20, tzinfo=UTC)

DIGEST = """\
Example Org

Email, b•••@example.net was added to your security info.
This happened 4 times between 14:20 and 14:35.

Since: 22 Nov 2026, 14:20 (Europe/Amsterdam), 13:20 UTC

Was this you? Then there is nothing to do.

This wasn't me:
{link}

The link works for 10 days. Questions: the IT desk (020 123 4567)
"""


@pytest.fixture
def tell(bob, bob_at_home):
    def tell(*contacts: Contact, what: str = "Email, b•••@example.net") -> list[Message]:
        event = event_about(bob)
        contacts = contacts or (WORK,)
        return notices.method_added(
            bob, contacts=contacts, what=what, actor=bob_at_home, event=event
        )

    return tell


def pass_time(**duration: float) -> None:
    by = timedelta(**duration)
    Message.objects.update(
        **{
            name: F(name) - by
            for name in ("created_at", "next_try_at", "expires_at", "published_at")
        }
    )


def work() -> list:
    """What the sweeper and a worker send by now; the mails of this round."""
    MemoryTransport.clear()
    tasks.sweep()
    for message in Message.objects.filter(state=State.PENDING):
        tasks.send_notice(str(message.pk))
    return [each.outgoing for each in MemoryTransport.outbox]


def test_the_first_is_told_at_once_and_the_others_wait(tell):
    for _ in range(4):
        tell()

    assert len(work()) == 1
    assert Message.objects.filter(state=State.PENDING).count() == 1
    assert work() == []


def test_the_others_are_one_mail_when_the_quarter_of_an_hour_is_over(tell):
    for _ in range(4):
        tell()
    work()

    pass_time(minutes=15, seconds=1)

    (mail,) = work()
    assert "This happened 4 times between" in mail.text
    assert "This happened 4 times between" in mail.html


def test_the_further_mail_reads_as_the_pages_say(tell):
    tell()
    later = _digest(tell)

    (mail,) = _delivered(later)

    assert mail.text == DIGEST.format(link=later.sealed["link"])


def _digest(tell) -> Message:
    """Three more of the same, as if all had been on a certain day: the database has its clock."""
    for _ in range(3):
        tell()
    digest = Message.objects.get(folds__gt=0)
    facts = digest.sealed | {
        "since": FIRST_AT.isoformat(),
        "until": (FIRST_AT + folding.FOR).isoformat(),
    }
    digest.sealed = facts
    digest.save()
    return digest


def _delivered(message: Message) -> list:
    Message.objects.filter(pk=message.pk).update(
        next_try_at=Now(), expires_at=Now() + timedelta(hours=1)
    )
    MemoryTransport.clear()
    tasks.send_notice(str(message.pk))
    return [each.outgoing for each in MemoryTransport.outbox]


def test_what_happened_twice_is_told_twice_and_no_more(tell):
    tell()
    tell()
    first = work()
    pass_time(minutes=16)

    assert [len(first), len(work()), len(work())] == [1, 1, 0]


def test_after_the_quarter_of_an_hour_it_is_told_at_once_again(tell):
    tell()
    tell()
    pass_time(minutes=15, seconds=1)

    (message,) = tell()

    assert message.folds == 0
    assert len(work()) == 3


def test_a_hundred_failed_sign_ins_are_one_mail_and_one_further_one(bob, bob_at_home):
    """R090."""
    event = event_about(bob)
    for _ in range(100):
        alarms.second_step_failed(bob, contacts=[WORK], actor=bob_at_home, event=event)

    at_once = work()
    pass_time(minutes=16)
    later = work()

    assert [len(at_once), len(later)] == [1, 1]
    assert "This happened 100 times between" in later[0].text


def test_every_contact_has_a_count_of_its_own(tell):
    tell(WORK, HOME, PHONE)
    tell(WORK, HOME, PHONE)
    tell(HOME)

    digests = Message.objects.filter(folds__gt=0)
    assert {each.sealed["to"]: each.folds for each in digests} == {
        WORK.value: 2,
        HOME.value: 3,
        PHONE.value: 2,
    }


def test_another_sentence_is_another_event(tell):
    tell()
    tell(what="Email, e•••@example.net")

    assert len(work()) == 2


def test_another_person_is_told_at_once(tell, eve, bob_at_home):
    tell()

    (message,) = notices.method_added(
        eve, contacts=[WORK], what="Email, b•••@example.net", actor=bob_at_home
    )

    assert message.folds == 0


def test_what_a_worker_has_claimed_is_not_changed_any_more(tell):
    """The count that was read for the mail is the one that was sent; the next is told anew."""
    tell()
    (digest,) = tell()
    Message.objects.filter(pk=digest.pk).update(next_try_at=Now())
    assert outbox.claim(digest.pk)

    (further,) = tell()

    digest.refresh_from_db()
    assert digest.folds == 2
    assert further.pk != digest.pk
    assert further.state == State.PENDING


def test_two_further_messages_of_one_thing_never_wait_together(tell):
    """What decides when two begin one in the same moment."""
    tell()
    (digest,) = tell()

    digest.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        digest.save(force_insert=True)


def test_no_worker_is_told_of_it_before_its_time(tell):
    tell()
    (digest,) = tell()

    assert digest.pk not in {each.pk for each in sweeper.due()}
    pass_time(minutes=16)
    assert digest.pk in {each.pk for each in sweeper.due()}


def test_the_further_message_is_tried_for_as_long_as_any_other(tell):
    """R089: its day begins when it is due."""
    (first,) = tell()
    (digest,) = tell()

    for message in (first, digest):
        message.refresh_from_db()
    assert digest.expires_at - first.expires_at >= timedelta(minutes=14)


def test_a_count_dies_with_the_change_that_failed(tell):
    """R086."""
    tell()
    (digest,) = tell()

    with transaction.atomic():
        tell()
        transaction.set_rollback(True)

    digest.refresh_from_db()
    assert digest.folds == 2


def test_the_row_says_nothing_of_what_is_folded(tell):
    (message,) = tell()

    assert "example" not in message.topic
    assert len(message.topic) == 43
