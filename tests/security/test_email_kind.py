"""The email kind, one named test for each requirement on email that spans modules."""

from __future__ import annotations

import pytest
from django.urls import reverse

from methods import courier
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.memory import MemoryTransport
from tests import kinds

pytestmark = pytest.mark.django_db

START, VERIFY = "/security-info/add/email/", "/security-info/add/email/verify/"


@pytest.fixture
def browser(bob, signed_in):
    kinds.allow("email")
    MemoryTransport.clear()
    yield signed_in(bob)
    MemoryTransport.clear()


def deliver_codes() -> list[str]:
    for message in Message.objects.filter(category="code", state="pending"):
        courier.deliver(message.pk)
    return [sent.outgoing.to for sent in MemoryTransport.outbox]


def test_an_unproved_address_gets_its_code_and_nothing_else(browser, bob):
    """R030: no notice goes to it, whatever else happens meanwhile."""
    browser.post(START, {"address": "unproved@example.net"})
    other = kinds.register(bob, flow="elsewhere")
    kinds.register(bob, form={"address": "third@example.net"}, flow="elsewhere")
    kinds.register(bob, form={"address": "fourth@example.net"}, replaces=other, flow="elsewhere")

    told = {message.sealed["to"] for message in Message.objects.filter(category="notice")}
    assert told == {
        "bob@example.org",
        "bob@example.net",
        "third@example.net",
        "fourth@example.net",
    }


def test_an_unproved_address_is_offered_nowhere(browser):
    """R030, K1: not in the list, not as default, not to change or delete."""
    browser.post(START, {"address": "unproved@example.net"})
    registration = Registration.objects.get()

    assert "unproved" not in browser.get("/security-info/").content.decode()
    assert "unproved" not in browser.get("/security-info/default/").content.decode()
    for name in ("change", "delete"):
        assert browser.get(reverse(f"methods:{name}", args=[registration.uuid])).status_code == 404


def test_the_code_goes_to_the_stored_address_and_never_to_what_was_typed(browser):
    """R032: typed in full-width letters and capitals, stored and written to in one form."""
    browser.post(START, {"address": "  Ｂｏｂ@EXAMPLE.net "})

    stored = Registration.objects.get().details["address"]
    assert stored == "Bob@example.net"
    assert deliver_codes() == [stored]


@pytest.mark.parametrize(
    "twin",
    [
        "mıke@example.net",  # dotless i
        "mіke@example.net",  # Cyrillic
        "mike@exаmple.net",  # Cyrillic in the domain
    ],
)
def test_a_look_alike_mails_the_known_address_never(browser, eve, twin):
    """R032: CVE-2019-19844; eve has the address that bob's twin looks like."""
    kinds.register(eve, form={"address": "mike@example.net"})
    Message.objects.all().delete()

    page = browser.post(START, {"address": twin})

    if page.status_code == 302:
        stored = Registration.objects.under_way().get().details["address"]
        assert stored.isascii()
        assert deliver_codes() == [stored]
    else:
        assert page.status_code == 422
        assert deliver_codes() == []
    assert "mike@example.net" not in deliver_codes()


@pytest.mark.parametrize(
    "typed",
    [
        "bob@example.net\r\nBcc: eve@example.net",
        "bob@example.net\nSubject: hello",
        "bob@example.net%0d%0aBcc:eve@example.net",
        '"bob\r\nBcc: eve@example.net"@example.net',
        "bob@example.net,eve@example.net",
    ],
)
def test_an_address_brings_no_header_along(browser, typed):
    """R033."""
    page = browser.post(START, {"address": typed})

    assert page.status_code == 422
    assert not Message.objects.exists()
    assert not Challenge.objects.exists()


def test_a_name_with_markup_is_inert_in_the_mail(browser, bob):
    """R033: neither part of the code's mail holds what a person wrote."""
    bob.full_name = '{{ settings }}<a href="https://evil.example">Bob</a>\r\nBcc: eve@example.net'
    bob.save()

    browser.post(START, {"address": "bob@example.net"})
    deliver_codes()

    (sent,) = MemoryTransport.outbox
    for part in (sent.outgoing.subject, sent.outgoing.text, sent.outgoing.html):
        assert "evil.example" not in part
        assert "Bcc" not in part
        assert "settings" not in part


def test_looking_at_the_page_of_the_code_confirms_nothing(browser, bob):
    """R031 as far as it is built: something has to be typed."""
    browser.post(START, {"address": "bob@example.net"})
    code = kinds.right(Challenge.objects.get())["code"]

    for _ in range(20):
        browser.get(VERIFY, {"code": code})
        browser.head(VERIFY, {"code": code})

    assert not Registration.objects.of(bob).confirmed().exists()
    assert Challenge.objects.get().tries == 0
