from __future__ import annotations

import threading

import pytest

from securityinfo.messaging import checks, failpoints

PLAIN = {"use_tls": False, "use_ssl": False, "host": "mail.example.org"}

NO_MAIL_NO_TEXT = ["messaging.E002", "messaging.E004"]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ["messaging.E001"]),
        ({"host": "127.0.0.1.evil.example"}, ["messaging.E001"]),
        ({"host": "127.0.0.1"}, []),
        ({"host": "localhost"}, []),
        ({"use_tls": True}, []),
        ({"use_ssl": True}, []),
    ],
)
def test_plain_mail_is_refused_at_the_start_unless_it_stays_here(settings, changes, refused):
    """R127."""
    settings.SMTP = PLAIN | changes

    assert [error.id for error in checks.plain_mail_stays_at_home()] == refused


@pytest.mark.parametrize(
    ("transport", "failpoint", "refused"),
    [
        ("securityinfo.messaging.transports.smtp.SmtpTransport", "", []),
        (
            "securityinfo.messaging.transports.memory.MemoryTransport",
            "",
            ["messaging.E002", "messaging.E004"],
        ),
        ("securityinfo.demo.transport.DemoTransport", "", ["messaging.E002", "messaging.E004"]),
        (
            "securityinfo.messaging.transports.smtp.SmtpTransport",
            "delivery.after_send",
            ["messaging.E003"],
        ),
    ],
)
def test_production_refuses_what_belongs_to_tests(
    settings, monkeypatch, transport, failpoint, refused
):
    """R134."""
    settings.PRODUCTION = True
    settings.EMAIL_TRANSPORT = settings.TELEPHONY_TRANSPORT = transport
    monkeypatch.setenv(failpoints.VARIABLE, failpoint)

    found = checks.nothing_of_the_tests_in_production()

    assert [error.id for error in found] == refused


def test_a_failpoint_does_nothing_outside_of_tests(settings, monkeypatch):
    """R134: nobody would come by."""
    settings.TESTING = False
    monkeypatch.setenv(failpoints.VARIABLE, "delivery.after_send")
    passing = threading.Thread(target=failpoints.reach, args=["delivery.after_send"], daemon=True)

    passing.start()
    passing.join(30)

    assert not passing.is_alive()


def test_a_host_that_leaves_no_room_in_a_text_is_told(settings):
    """DE4."""
    settings.PUBLIC_URL = f"https://{'a' * 36}.org"
    assert checks.texts_name_our_site() == []

    settings.PUBLIC_URL = f"https://{'a' * 37}.org"
    (found,) = checks.texts_name_our_site()
    assert found.id == "messaging.W001"
