from __future__ import annotations

import email
import email.policy
import socket
import time
import uuid

import pytest

from securityinfo.messaging import letterhead
from securityinfo.messaging.content import EmailContent, TextContent
from securityinfo.messaging.letterhead import Letterhead
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.smtp import SmtpTransport, as_mail
from tests.messaging import certificates
from tests.messaging.conftest import an_email
from tests.messaging.rough_server import RoughServer, take_the_mail

MESSAGE_ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")

pytestmark = pytest.mark.servers


def send(server, **changes):
    trust, seconds = changes.pop("trust", None), changes.pop("seconds", 5)
    transport = SmtpTransport(server.settings(**changes), trust=trust, seconds=seconds)
    return transport.send(an_email(), MESSAGE_ID)


def after_the_greeting(*answers):
    """A script that answers each command with the next of `answers`, then goes."""

    def script(talk):
        talk.greet()
        for answer in answers:
            talk.hear()
            talk.say(answer)
        talk.hear()

    return script


# --- What is sent ---------------------------------------------------------------------------------


def parsed(content=None):
    return email.message_from_bytes(
        as_mail(content or an_email(), MESSAGE_ID), policy=email.policy.default
    )


def test_a_mail_is_taken():
    with RoughServer(take_the_mail) as server:
        assert send(server) == base.Receipt()

    assert [line.upper() for line in server.heard[1:4]] == [
        "MAIL FROM:<NO-REPLY@TESTSERVER>",
        "RCPT TO:<BOB@EXAMPLE.NET>",
        "DATA",
    ]


def test_a_server_that_never_says_goodbye_has_taken_the_mail_all_the_same():
    def script(talk):
        talk.greet()
        talk.take_envelope()
        talk.say("250 taken")
        talk.hang()

    with RoughServer(script) as server:
        assert send(server) == base.Receipt()


def test_a_mail_has_the_headers_of_a_machine():
    """R034."""
    mail = parsed()

    assert mail["Message-ID"] == "<00112233-4455-6677-8899-aabbccddeeff@testserver>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Example Org <no-reply@testserver>"
    assert mail["Date"].datetime.tzinfo


def test_a_mail_has_a_text_and_an_html_part_in_seven_bits():
    """R034."""
    raw = as_mail(an_email(), MESSAGE_ID)
    mail = parsed()

    assert raw.isascii()
    assert mail.get_body(("plain",)).get_content().split() == ["Hello", "Bob"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello Bob</p>"
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "name", ["Org\r\nBcc: eve@example.net", "Org\nX-Evil: 1", 'Ürg, "Ltd" <x>']
)
def test_the_name_of_the_organization_brings_no_header(monkeypatch, name):
    """R033."""
    monkeypatch.setattr(letterhead, "_providers", [lambda: Letterhead(organization_name=name)])

    mail = parsed()

    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["From"].addresses[0].addr_spec == "no-reply@testserver"
    assert len(mail["From"].addresses) == 1


def test_a_subject_brings_no_header():
    """R033."""
    content = EmailContent("bob@example.net", "Hi\r\nBcc: eve@example.net", "text\n", "<p></p>")

    mail = parsed(content)

    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: eve@example.net"


@pytest.mark.parametrize(
    "address",
    [
        "bob@example.net\r\nBcc: eve@example.net",
        "bob@example.net>\r\nDATA",
        "bob@example.net, eve@example.net",
        "<bob@example.net> eve@example.net",
        "bøb@example.net",
        "bob",
        "@example.net",
        "",
    ],
)
def test_what_is_not_one_address_is_never_sent_to(address):
    """R033: nothing is injected into the conversation with the server either."""
    content = EmailContent(address, "Hi", "text\n", "<p></p>")

    with RoughServer(take_the_mail) as server, pytest.raises(base.Undeliverable):
        SmtpTransport(server.settings(), seconds=1).send(content, MESSAGE_ID)

    assert server.heard == []


def test_a_domain_in_other_letters_is_sent_as_its_ascii_form():
    content = EmailContent("bob@bücher.example", "Hi", "text\n", "<p></p>")

    assert parsed(content)["To"] == "bob@xn--bcher-kva.example"


def test_only_mail_goes_by_mail():
    with pytest.raises(base.Misconfigured):
        SmtpTransport().send(TextContent("+31600000000", "text"), MESSAGE_ID)


# --- What a server may answer ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (["421 closing"], base.TransportDown),
        (["450 later"], base.TransportDown),
        (["553 sender refused"], base.Misconfigured),
        (["530 sign in first"], base.Misconfigured),
        (["250 ok", "421 closing"], base.TransportDown),
        (["250 ok", "450 greylisted"], base.TransportDown),
        (["250 ok", "451 later"], base.TransportDown),
        (["250 ok", "530 sign in first"], base.Misconfigured),
        (["250 ok", "550 no such person"], base.Undeliverable),
        (["250 ok", "553 no such address"], base.Undeliverable),
        (["250 ok", "250 ok", "451 not now"], base.TransportDown),
        (["250 ok", "250 ok", "554 no"], base.Undeliverable),
    ],
)
def test_each_refusal_has_its_class(answers, problem):
    """F06, R027."""
    with RoughServer(after_the_greeting(*answers)) as server, pytest.raises(problem):
        send(server)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [("452 full", base.TransportDown), ("554 looks like spam", base.Undeliverable)],
)
def test_a_refusal_after_the_mail_is_certain(answer, problem):
    def script(talk):
        talk.greet()
        talk.take_envelope()
        talk.say(answer)
        talk.hear()

    with RoughServer(script) as server, pytest.raises(problem):
        send(server)


@pytest.mark.parametrize(
    ("greeting", "problem"),
    [
        ("421 too busy", base.TransportDown),
        ("554 not you", base.Misconfigured),
        ("HTTP/1.1 400 Bad Request", base.TransportDown),
    ],
)
def test_a_greeting_that_is_none_has_its_class(greeting, problem):
    with RoughServer(lambda talk: talk.say(greeting)) as server, pytest.raises(problem):
        send(server)


def test_a_refused_connection_is_tried_again_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with RoughServer(take_the_mail) as server, pytest.raises(base.TransportDown):
        send(server, port=port)


def test_a_connection_lost_before_the_mail_is_tried_again_later():
    with RoughServer(lambda talk: talk.greet()) as server, pytest.raises(base.TransportDown):
        send(server)


def test_a_connection_lost_after_the_mail_leaves_the_outcome_open():
    """F06: drop after DATA."""

    def script(talk):
        talk.greet()
        talk.take_envelope()

    with RoughServer(script) as server, pytest.raises(base.OutcomeUnknown):
        send(server)


def test_a_problem_names_neither_address_nor_password():
    """R125."""

    def script(talk):
        talk.greet()
        talk.hear()
        talk.say("250 ok")
        talk.hear()
        talk.say("550 <bob@example.net>: no such person")

    with RoughServer(script) as server, pytest.raises(base.Undeliverable) as caught:
        send(server)

    assert "bob" not in repr(caught.value)
    assert caught.value.__cause__ is None


# --- How long it may take -------------------------------------------------------------------------


def hang_at_once(talk):
    talk.hang()


def hang_after_the_greeting(talk):
    talk.greet()
    talk.hang()


def drip_the_greeting(talk):
    talk.drip("220 " + "x" * 400 + "\r\n", every=0.05)


def drip_an_endless_greeting(talk):
    talk.drip("220-still here\r\n" * 100, every=0.05)


def hang_in_tls(talk):
    talk.greet("STARTTLS")
    talk.hear()
    talk.say("220 go on")
    talk.drip("\x16\x03\x03" + "\x00" * 400, every=0.05)


@pytest.mark.parametrize(
    ("script", "use_tls"),
    [
        (hang_at_once, False),
        (hang_after_the_greeting, False),
        (drip_the_greeting, False),
        (drip_an_endless_greeting, False),
        (hang_in_tls, True),
    ],
)
def test_the_whole_delivery_has_one_deadline(script, use_tls):
    """R127: neither a hang nor a drip, of 20 s and more, holds the worker; the deadline is 1 s."""
    with RoughServer(script) as server:
        begun = time.monotonic()
        with pytest.raises(base.TransportDown):
            send(server, use_tls=use_tls, seconds=1)
        took = time.monotonic() - begun

    assert took < 10


@pytest.mark.parametrize("answer", ["", "2", "5", "250 " + "x" * 400, "250-more\r\n" * 40])
def test_a_server_that_hangs_or_drips_after_the_mail_leaves_the_outcome_open(answer):
    """R127, F06."""

    def script(talk):
        talk.greet()
        talk.take_envelope()
        talk.drip(answer, every=0.05)
        talk.hang()

    with RoughServer(script) as server:
        begun = time.monotonic()
        with pytest.raises(base.OutcomeUnknown):
            send(server, seconds=1)
        took = time.monotonic() - begun

    assert took < 10


def test_the_deadline_of_the_application_is_that_of_the_requirement():
    """R127."""
    assert SmtpTransport().seconds == base.SECONDS_PER_DELIVERY <= 8


# --- Encryption -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificates.make(tmp_path_factory.mktemp("tls"))


def over_tls(certificate):
    def script(talk):
        talk.greet("STARTTLS")
        talk.hear()
        talk.say("220 go on")
        talk.start_tls(certificates.of_server(certificate))
        talk.hear()
        talk.say("250 rough.example")
        talk.take_envelope()
        talk.say("250 taken")
        talk.hear()

    return script


def was_sent(server):
    commands = ("MAIL", "RCPT", "DATA", "AUTH")
    return any(line.upper().startswith(commands) for line in server.heard)


def test_mail_goes_over_starttls_with_a_trusted_certificate(certificate):
    with RoughServer(over_tls(certificate)) as server:
        send(server, use_tls=True, trust=certificates.trust_in(certificate))

    assert server.heard[1].upper() == "STARTTLS"
    assert was_sent(server)


def test_mail_goes_over_implicit_tls_with_a_trusted_certificate(certificate):
    def script(talk):
        talk.start_tls(certificates.of_server(certificate))
        take_the_mail(talk)

    with RoughServer(script) as server:
        send(server, use_ssl=True, trust=certificates.trust_in(certificate))

    assert was_sent(server)


def test_a_certificate_that_nobody_vouches_for_stops_the_mail(certificate):
    """R127, F06."""
    with RoughServer(over_tls(certificate)) as server, pytest.raises(base.Misconfigured):
        send(server, use_tls=True)

    assert not was_sent(server)


def test_a_certificate_of_another_server_stops_the_mail(tmp_path):
    """R127."""
    other = certificates.make(tmp_path, address="127.0.0.2")

    with RoughServer(over_tls(other)) as server, pytest.raises(base.Misconfigured):
        send(server, use_tls=True, trust=certificates.trust_in(other))

    assert not was_sent(server)


@pytest.mark.parametrize("answer", ["454 TLS not available", "220 go on"])
def test_a_tls_that_fails_never_becomes_plain_text(answer):
    """F06: what follows STARTTLS is broken, and nothing is said after it."""

    def script(talk):
        talk.greet("STARTTLS")
        talk.hear()
        talk.say(answer, "not tls at all")
        talk.hear()

    with RoughServer(script) as server, pytest.raises(base.DeliveryProblem):
        send(server, use_tls=True)

    assert not was_sent(server)


def test_a_server_without_starttls_gets_nothing():
    """R127: an attacker on the line can strip the offer, not the requirement."""
    with RoughServer(take_the_mail) as server, pytest.raises(base.Misconfigured):
        send(server, use_tls=True)

    assert not was_sent(server)


def test_plain_mail_leaves_this_machine_for_nobody():
    with RoughServer(take_the_mail) as server, pytest.raises(base.Misconfigured):
        # The same server by another of its addresses, which no operator wrote as loopback.
        send(server, host="127.0.0.1.")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("535 wrong password", base.Misconfigured),
        ("454 not now", base.TransportDown),
    ],
)
def test_a_refused_sign_in_is_about_us(answer, problem):
    def script(talk):
        talk.greet("AUTH PLAIN")
        talk.hear()
        talk.say(answer)
        talk.hear()

    with RoughServer(script) as server, pytest.raises(problem):
        send(server, username="app", password="secret")


def test_a_server_without_sign_in_is_misconfigured():
    with RoughServer(take_the_mail) as server, pytest.raises(base.Misconfigured):
        send(server, username="app", password="secret")

    assert not was_sent(server)
