"""Requirements of section 3.4 on the messages themselves: R030, R032, R033, R034, R087, R088."""

from __future__ import annotations

import email
import email.policy
import re

import pytest

from methods import challenges, contacts, courier
from methods.models import Registration
from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.messaging import notices, tasks
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.smtp import SmtpTransport
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose
from tests.messaging.rough_server import RoughServer, take_the_mail


def code_for(registration):
    challenge = challenges.start(
        registration,
        purpose=Purpose.SIGN_IN,
        flow="a flow",
        settings=policy.current(),
        actor=SYSTEM,
    )
    return Message.objects.get(reference=challenge.pk)


def test_an_address_that_is_not_confirmed_is_no_contact(bob, registered):
    """R030."""
    registration = registered("email")
    assert len(contacts.contacts_of(bob)) == 2

    Registration.objects.filter(pk=registration.pk).update(confirmed=False, is_default=False)

    assert [each.value for each in contacts.contacts_of(bob)] == [bob.work_address]


def test_a_code_goes_to_the_stored_address(registered, outbox):
    """R032: whatever anybody typed meanwhile."""
    registration = registered("email")
    outbox.clear()

    courier.deliver(code_for(registration).pk)

    assert [sent.outgoing.to for sent in outbox] == [registration.details["address"]]


def test_a_code_for_an_address_that_has_changed_is_not_sent(registered, outbox):
    """R032: the code was asked for the old one, and goes to neither."""
    registration = registered("email")
    outbox.clear()
    message = code_for(registration)
    Registration.objects.filter(pk=registration.pk).update(fingerprint="x" * 43)

    courier.deliver(message.pk)

    assert outbox == []


@pytest.fixture
def on_the_wire(registered, monkeypatch):
    """The mail of a code as a server receives it, sent by the SMTP transport itself."""

    def send(**organization):
        OrgPolicy.objects.update(**organization)
        registration = registered("email")
        message = code_for(registration)
        with RoughServer(take_the_mail) as server:
            transport = SmtpTransport(server.settings())
            monkeypatch.setattr(base, "for_channel", lambda _channel: transport)
            courier.deliver(message.pk)
        start = next(n for n, line in enumerate(server.heard) if line.upper() == "DATA") + 1
        raw = "\r\n".join(server.heard[start : server.heard.index(".")])
        return message, email.message_from_string(raw, policy=email.policy.default)

    return send


def test_a_mail_is_that_of_its_delivery_row(on_the_wire):
    """R034."""
    message, mail = on_the_wire()

    assert mail["Message-ID"] == f"<{message.pk}@testserver>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_code_mail_loads_and_links_nothing(on_the_wire):
    """R034, DE5."""
    _, mail = on_the_wire()
    html = mail.get_body(("html",)).get_content()

    assert not re.search(r"https?:|//|<img|<a\b|<link|<script|url\(|@import", html)


@pytest.mark.parametrize(
    "name",
    ["Org\r\nBcc: eve@example.net", '<a href="https://evil.example">x</a>', "{{ code }}{% x %}"],
)
def test_a_hostile_name_of_the_organization_is_inert(on_the_wire, name):
    """R033."""
    _, mail = on_the_wire(organization_name=name)
    html = mail.get_body(("html",)).get_content()

    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["From"].addresses] == ["no-reply@testserver"]
    assert "<a " not in html
    assert len(re.findall(r"\b\d{6}\b", mail.get_body(("plain",)).get_content())) == 1


def test_a_notice_says_what_when_where_and_what_to_do(bob, outbox):
    """R088; it links to nothing at all until "This wasn't me" has a page."""
    actor = Actor(person=bob.public_id, role="person", origin=Origin("r", "192.0.2.10", "Firefox"))
    told = contacts.contacts_of(bob)
    (message,) = notices.method_added(bob, contacts=told, what="Email, b•••@x.example", actor=actor)

    tasks.send_notice(str(message.pk))

    (sent,) = outbox
    for part in (sent.outgoing.text, sent.outgoing.html):
        for fact in ("Email, b•••@x.example", "UTC", "you", "Firefox", "192.0.2.10", "Contact"):
            assert fact in part
        assert "http" not in part
