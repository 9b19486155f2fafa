"""Every variable with its source, and no secret."""

from __future__ import annotations

import runpy
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from securityinfo import env
from securityinfo.operations import variables


@pytest.fixture
def readings(monkeypatch):
    monkeypatch.setattr(env, "readings", {})


def shown(*options: str) -> str:
    said = StringIO()
    call_command("showconfig", *options, stdout=said)
    return said.getvalue()


def test_every_variable_has_its_source(readings, monkeypatch, tmp_path):
    (tmp_path / "thing").write_text("hunter2")
    monkeypatch.setenv("ONE", "1")
    monkeypatch.setenv("TWO_FILE", str(tmp_path / "thing"))
    env.number("ONE", 5, low=1, high=9)
    env.secret("TWO")
    env.flag("THREE", default=True)
    env.secret("FOUR", "")

    lines = shown().splitlines()

    assert lines[:4] == [
        "ONE=1  # environment",
        f"TWO=•••  # {tmp_path / 'thing'}",
        "THREE=on  # default",
        "FOUR=  # default",
    ]


@pytest.mark.parametrize("options", [[], ["--redacted"]])
def test_the_secrets_of_the_settings_are_never_shown(options):
    said = shown(*options)

    assert "SECURITYINFO_PUBLIC_URL=http://testserver  # environment" in said
    assert "SECURITYINFO_SECRET_KEY=•••  # environment" in said
    for secret in (settings.SECRET_KEY, settings.ENCRYPTION_KEYS[0].partition(":")[2]):
        assert secret not in said


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("postgresql://me:hunter2@db:5433/info?x=hunter2", "postgresql://•••@db:5433/info?•••"),
        ("postgresql://me:1/hunter2@db/info", "postgresql://me:1/•••"),
        ("rediss://:hunter2@redis:6379/0", "rediss://•••@redis:6379/0"),
        ("https://gateway.example.org/hunter2", "https://gateway.example.org/•••"),
        ("https://gateway.example.org/", "https://gateway.example.org/"),
        ("smtp://mail.example.org:587", "smtp://mail.example.org:587"),
        ("sqlite:////srv/info.db", "sqlite:////srv/info.db"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(readings, monkeypatch, url, written):
    monkeypatch.setenv("THING", url)
    schemes = ("postgresql", "rediss", "https", "smtp", "sqlite")

    env.url("THING", schemes=schemes)

    assert f"THING={written}  # environment" in shown()


def test_what_nobody_reads_is_named(monkeypatch):
    monkeypatch.setenv("SECURITYINFO_PUBLIC_ADDRESS", "hunter2")

    said = shown()

    assert "# SECURITYINFO_PUBLIC_ADDRESS is set and not used." in said
    assert "hunter2" not in said


def test_what_gunicorn_reads_has_the_defaults_of_gunicorn(readings, monkeypatch):
    for name in ("BIND", "PORT", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    used = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))

    bind, port, workers = (each.shown for each in variables.all_readings())

    assert (used["bind"], used["workers"]) == (f"{bind}:{port}", int(workers))
