from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import transaction
from django.utils.html import escape
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from securityinfo import disown_links
from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms, letters, notices, tasks, texts
from securityinfo.messaging.content import Contact
from securityinfo.messaging.models import Message
from securityinfo.messaging.notices import AccountChange
from securityinfo.messaging.transports.memory import MemoryTransport

WORK = Contact("email", "bob@example.org", "b•••@example.org")
OLD = Contact("email", "bob@example.net", "b•••@example.net")
NEW = Contact("email", "robert@example.net", "r•••@example.net")
PHONE = Contact("text", "+31612345678", "ending 78")
METHOD = "Email, b•••@example.net"

ADDED = """\
Example Org

Email, b•••@example.net was added to your security info.

When:    22 Nov 2026, 14:35 (Europe/Amsterdam), 13:35 UTC
By:      you
Browser: Firefox on Windows
Network: 192.0.2.10

Questions? Contact the IT desk (020 123 4567).
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


WITH_LINK = """\
Example Org

Email, b•••@example.net was added to your security info.

When:    22 Nov 2026, 14:35 (Europe/Amsterdam), 13:35 UTC
By:      you
Browser: Firefox on Windows
Network: 192.0.2.10

Was this you? Then there is nothing to do.

This wasn't me:
{link}

The link works for 10 days. Questions: the IT desk (020 123 4567)
"""


def event_about(person, tag=tags.METHOD_REGISTERED) -> Event:
    return log.record(tag, actor=SYSTEM, subject=person.public_id)


def test_a_notice_of_an_event_carries_the_link_that_disowns_it(bob, bob_at_home, clock):
    """R088, NO2: golden."""
    clock.move_to(datetime(2026, 11, 22, 13, 35, tzinfo=UTC))
    event = event_about(bob)
    queued = notices.method_added(bob, contacts=[WORK], what=METHOD, actor=bob_at_home, event=event)
    Message.objects.update(expires_at=datetime(2099, 1, 1, tzinfo=UTC))

    (mail,) = sent(queued)

    link = disown_links.address_for(event.pk)
    assert link.startswith(f"{settings.PUBLIC_URL}/security-info/activity/not-me/")
    assert mail.text == WITH_LINK.format(link=link)
    assert mail.html.count(f'href="{link}"') == 1
    assert f'<bdi dir="ltr">{link}</bdi>' in mail.html
    assert "The link works for 10 days. Questions: the IT desk" in mail.html
    assert set(re.findall(r'href="([^"]*)"', mail.html)) == {link}


def test_the_link_is_the_same_in_every_try(bob, bob_at_home):
    """What a mail server has taken half may come again: the same mail, not another one."""
    event = event_about(bob)
    (message,) = notices.method_added(
        bob, contacts=[WORK], what=METHOD, actor=bob_at_home, event=event
    )

    assert letters.notice(message).text == letters.notice(message).text
    assert disown_links.event_of(message.sealed["link"].split("/")[-2]) == event.pk


def test_a_text_carries_no_link(bob, bob_at_home):
    """NO2."""
    (message,) = notices.method_added(
        bob, contacts=[PHONE], what=METHOD, actor=bob_at_home, event=event_about(bob)
    )

    assert "not-me" not in texts.notice(message).text
    assert "http" not in texts.notice(message).text


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


EVERY_NOTICE += [
    (
        lambda *a, **k: notices.method_renamed(*a, old="App, Old", new="App, New", **k),
        "A method was renamed",
        "App, Old was renamed to App, New.",
    ),
    (notices.password_changed, "Your password was changed", "Your password was changed."),
    (notices.password_reset, "Your password was reset", "Your password was reset."),
    (
        lambda *a, **k: notices.reset_check_passed(*a, what=METHOD, **k),
        "Somebody is resetting your password",
        "Your password hasn't changed yet.",
    ),
    (
        lambda *a, **k: alarms.new_sign_in(*a, event=event_about(a[0]), **k),
        "New sign-in to your account",
        "Somebody signed in to your account in a browser that wasn't used for it before.",
    ),
    (
        lambda *a, **k: alarms.second_step_failed(*a, event=event_about(a[0]), **k),
        "Somebody may know your password",
        "Choose a new password if this wasn't you.",
    ),
    (
        notices.trusted_browser_added,
        "A trusted browser was added",
        "A browser was added in which only your password is asked for at sign-in.",
    ),
    (
        notices.trusted_browser_replayed,
        "Somebody may know your password",
        "That browser is no longer trusted. Choose a new password if this wasn't you.",
    ),
    (
        notices.signed_out_everywhere,
        "You were signed out everywhere",
        "All sessions of your account were ended.",
    ),
    (
        notices.call_disowned,
        "You told us that you didn't ask for a call",
        "We have stopped what it was for. Somebody may know your password.",
    ),
    (
        lambda *a, **k: alarms.account_disowned(*a, what=METHOD, **k),
        "Your account is protected",
        "Email, b•••@example.net was suspended.",
    ),
    (
        lambda *a, **k: alarms.freeze_lifted(*a, restored=[METHOD], **k),
        "The helpdesk changed your account",
        "Email, b•••@example.net works again.",
    ),
    (
        lambda *a, **k: notices.staff_password_reset(*a, whose="ada", **k),
        "For administrators: a staff password was reset",
        "The password of ada was reset.",
    ),
    (
        lambda *a, **k: alarms.account_disowned_to_staff(*a, whose="ada", **k),
        'For the helpdesk: somebody reported "This wasn\'t me"',
        "The account of ada is protected and frozen.",
    ),
]

BY_TEXT_TOO = {
    "A method was added to your security info",
    "A method was changed in your security info",
    "A method was deleted from your security info",
    "Your account was changed",
    "Your password was changed",
    "Your password was reset",
    "Somebody may know your password",
    "You told us that you didn't ask for a call",
    "Your account is protected",
    "The helpdesk changed your account",
}


@pytest.mark.parametrize(("notify", "subject", "sentence"), EVERY_NOTICE)
def test_a_number_hears_of_what_is_worth_a_text(bob, bob_at_home, notify, subject, sentence):
    """NO1: "all" or "mail"."""
    queued = notify(bob, contacts=[WORK, PHONE], actor=bob_at_home)

    channels = {each.channel for each in queued}
    assert channels == ({"email", "text"} if subject in BY_TEXT_TOO else {"email"})


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
        assert f"<p>{escape(sentence)}</p>" in mail.html
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
