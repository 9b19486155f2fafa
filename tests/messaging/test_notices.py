from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.messaging import notices, tasks
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.notices import AccountChange
from securityinfo.messaging.transports.memory import MemoryTransport

WORK = Contact("email", "bob@example.org", "b•••@example.org")
OLD = Contact("email", "bob@example.net", "b•••@example.net")
NEW = Contact("email", "robert@example.net", "r•••@example.net")
METHOD = "Email, b•••@example.net"

ADDED = """\
Example Org

Email, b•••@example.net was added to your security info.

When:    22 Nov 2026, 14:35 (Europe/Amsterdam), 13:35 UTC
By:      you
Browser: Firefox on Windows
Network: 192.0.2.10

Was this you? Then there is nothing to do.

Wasn't this you? Contact the IT desk (020 123 4567).
"""


def sent(messages):
    for message in messages:
        tasks.send_notice(str(message.pk))
    return [each.outgoing for each in MemoryTransport.outbox]


def test_a_notice_reads_as_the_pages_say(bob, bob_at_home, clock):
    """R088."""
    clock.move_to(datetime(2026, 11, 22, 13, 35, tzinfo=UTC))
    queued = notices.method_added(bob, contacts=[WORK], what=METHOD, actor=bob_at_home)
    Message.objects.update(expires_at=datetime(2099, 1, 1, tzinfo=UTC))

    (mail,) = sent(queued)

    assert mail.subject == "A method was added to your security info"
    assert mail.text == ADDED


EVERY_NOTICE = [
    (
        lambda *a, **k: notices.method_added(*a, what=METHOD, **k),
        "A method was added to your security info",
        "Email, b•••@example.net was added to your security info.",
    ),
    (
        lambda *a, **k: notices.method_changed(*a, old=METHOD, new="Email, r•••@example.net", **k),
        "A method was changed in your security info",
        "Email, b•••@example.net was changed to Email, r•••@example.net in your security info.",
    ),
    (
        lambda *a, **k: notices.method_deleted(*a, what=METHOD, **k),
        "A method was deleted from your security info",
        "Email, b•••@example.net was deleted from your security info.",
    ),
    (
        lambda *a, **k: notices.default_changed(*a, what=METHOD, **k),
        "Your default sign-in method was changed",
        "Email, b•••@example.net is now your default sign-in method.",
    ),
    (
        lambda *a, **k: notices.default_changed(*a, what="", **k),
        "Your default sign-in method was changed",
        "You no longer have a default sign-in method.",
    ),
    (
        lambda *a, **k: notices.account_changed(*a, changes=[AccountChange.ROLE], **k),
        "Your account was changed",
        "Your role was changed.",
    ),
]


@pytest.mark.parametrize(("notify", "subject", "sentence"), EVERY_NOTICE)
def test_every_contact_old_and_new_hears_of_every_event(
    bob, bob_at_home, notify, subject, sentence
):
    """R087: event × address."""
    mails = sent(notify(bob, contacts=[WORK, OLD, NEW], actor=bob_at_home))

    assert [mail.to for mail in mails] == [WORK.value, OLD.value, NEW.value]
    for mail in mails:
        assert mail.subject == subject
        assert sentence in mail.text.splitlines()
        assert f"<p>{sentence}</p>" in mail.html
        assert "192.0.2.10" in mail.html


def test_an_account_change_lists_each_of_its_parts(bob, ada):
    actor = Actor(person=ada.public_id, role=ada.role)

    (mail,) = sent(
        notices.account_changed(
            bob,
            contacts=[WORK],
            changes=[AccountChange.WORK_ADDRESS, AccountChange.DEACTIVATED],
            actor=actor,
        )
    )

    assert "Your work address was changed.\nYour account was deactivated.\n" in mail.text
    assert "By:      an administrator\n" in mail.text
    assert "Browser" not in mail.text


def test_the_same_address_in_another_case_is_told_once(bob, bob_at_home):
    shouted = Contact("email", "BOB@example.org", "B•••@example.org")

    queued = notices.method_added(bob, contacts=[WORK, shouted], what=METHOD, actor=bob_at_home)

    assert len(queued) == 1


@pytest.mark.parametrize(
    ("actor", "by"),
    [
        (Actor(role="administrator"), "an administrator"),
        (Actor(role="helpdesk"), "the helpdesk"),
        (SYSTEM, "the system"),
    ],
)
def test_a_notice_says_who_did_it(bob, actor, by):
    (mail,) = sent(notices.method_deleted(bob, contacts=[WORK], what=METHOD, actor=actor))

    assert f"By:      {by}\n" in mail.text


def test_an_administrator_who_acts_for_herself_is_you(ada):
    actor = Actor(person=ada.public_id, role=ada.role)

    (mail,) = sent(notices.method_added(ada, contacts=[WORK], what=METHOD, actor=actor))

    assert "By:      you\n" in mail.text


def test_a_notice_is_in_the_language_of_its_reader(bob, ada):
    """DE8: whoever caused it, and whatever language that person uses."""
    bob.language = "nl"
    bob.save()
    what = format_lazy("{}, {}", gettext_lazy("January"), "b•••@example.net")

    (mail,) = sent(
        notices.method_added(
            bob,
            contacts=[WORK],
            what=what,
            actor=Actor(person=ada.public_id, role=ada.role),
        )
    )

    assert "januari, b•••@example.net" in mail.text.lower()
    assert 'lang="nl"' in mail.html


def test_a_notice_dies_with_the_change_that_failed(bob, bob_at_home):
    """R126: they are one transaction."""
    with transaction.atomic():
        notices.method_added(bob, contacts=[WORK], what=METHOD, actor=bob_at_home)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "evil", ["https://evil.example/login", "evil.example", "<a href=//evil.example>x</a>"]
)
def test_a_name_in_a_notice_brings_no_link(bob, evil):
    """R033, R088: nothing but the public address is ever linked."""
    actor = Actor(role="", origin=Origin("r", "192.0.2.10", f"Browser {evil}"))

    (mail,) = sent(notices.method_added(bob, contacts=[WORK], what=f"App {evil}", actor=actor))

    assert "evil.example" not in mail.text
    assert "evil.example" not in mail.html
    assert "<a " not in mail.html
