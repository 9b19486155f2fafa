"""R134: outside the demo and the tests there is no demo."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.accounts.doors import proved_at

PRODUCTION = {
    "SECURITYINFO_PUBLIC_URL": "https://security.example.org",
    "SECURITYINFO_SECRET_KEY": "j8Zb1mCkq0sVx7TnR5uYw3EiA9dLfHgP2oQtKyXcUvM4NrSe",
    "SECURITYINFO_ENCRYPTION_KEYS": "p1:q83vEiM0VniavN7wEjRWeJq83vASNFZ4mrze8BI0Vng=",
    "DATABASE_URL": "sqlite:///:memory:",
    "REDIS_URL": "redis://127.0.0.1:6379/0",  # named, never called
    "EMAIL_URL": "smtps://mail.example.org",
    "DJANGO_SETTINGS_MODULE": "securityinfo.settings",
}
QUESTIONS = """
import django
from django.conf import settings
django.setup()
from django.apps import apps
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

def exists(address):
    try:
        resolve(address)
    except Resolver404:
        return False
    return True

def named(name):
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True

print("installed", apps.is_installed("securityinfo.demo"))
print("address", exists("/demo/phone/") or exists("/demo/phone.json"))
print("name", named("demo:phone"))
print("transport", "demo" in settings.EMAIL_TRANSPORT)
"""


def answers(**environment: str) -> dict[str, str]:
    """What a fresh process says under these variables and no others of ours."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", QUESTIONS],
        env=inherited | PRODUCTION | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)


def test_production_has_no_demo_pages_and_no_demo_transport():
    """R134."""
    said = answers()

    assert said == {"installed": "False", "address": "False", "name": "False", "transport": "False"}


def test_debugging_alone_brings_no_demo_either():
    """R134."""
    said = answers(SECURITYINFO_DEBUG="on", SECURITYINFO_PUBLIC_URL="http://127.0.0.1:8000")

    assert "True" not in said.values()


def test_the_demo_settings_bring_all_of_it():
    said = answers(SECURITYINFO_DEMO="on", SECURITYINFO_PUBLIC_URL="http://127.0.0.1:8000")

    assert said == {"installed": "True", "address": "True", "name": "True", "transport": "True"}


@pytest.mark.django_db
def test_pages_outside_the_demo_show_nothing_of_it(client, settings):
    settings.DEMO = False

    page = client.get("/sign-in/").content.decode()

    assert "demo" not in page.lower()


@pytest.mark.django_db
def test_every_page_of_the_demo_leads_to_its_phone(client, settings):
    settings.DEMO = True

    page = client.get("/sign-in/").content.decode()

    assert 'href="/demo/phone/"' in page
    assert "Demo: nothing here is real" in page
    assert "demo-only-password" in page


def test_where_a_password_is_asked_for_the_demo_says_which(signed_in, bob, settings):
    settings.DEMO = True

    browser = signed_in(bob)
    proved_at(None)

    page = browser.get("/confirm/").content.decode()

    assert "demo-only-password" in page
    assert '<bdi dir="ltr">alice</bdi>' not in page
