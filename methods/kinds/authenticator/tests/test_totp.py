"""Time-based codes against the vectors of the standards, and against another generator."""

from __future__ import annotations

import base64
import datetime as dt
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from methods.kinds.authenticator import totp
from tests.servers import programs

SEED = base64.b32encode(b"12345678901234567890").decode()
HOTP = [
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
]
# RFC 6238 B, SHA-1: eight digits, of which six are ours.
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_the_codes_are_those_of_rfc_4226(counter, code):
    """R013."""
    assert totp.code_at(SEED, counter) == code


@pytest.mark.parametrize(("moment", "code"), list(TOTP.items()))
def test_the_codes_are_those_of_rfc_6238(clock, moment, code):
    """R013: by the server's clock."""
    clock.move_to(dt.datetime.fromtimestamp(moment, dt.UTC))

    assert totp.code_at(SEED, totp.step_now()) == code[-6:]
    assert totp.matching_step(SEED, code[-6:]) == moment // 30


def test_a_key_has_160_random_bits():
    """R013."""
    keys = {totp.new_key() for _ in range(100)}

    assert {len(base64.b32decode(key)) * 8 for key in keys} == {160}
    assert len(keys) == 100


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_the_step_and_those_beside_it_are_accepted(clock, seconds):
    """R014."""
    step = totp.step_now() + seconds // 30

    assert totp.matching_step(SEED, totp.code_at(SEED, step)) == step


@pytest.mark.parametrize("seconds", [-300, -60, 60, 300])
def test_every_other_step_is_refused(clock, seconds):
    """R014."""
    clock.move_to(dt.datetime(2026, 11, 22, 14, 35, tzinfo=dt.UTC))  # no code repeats around it

    assert totp.matching_step(SEED, totp.code_at(SEED, totp.step_now() + seconds // 30)) is None


def test_of_two_steps_with_one_code_the_later_one_counts(clock, monkeypatch):
    """So that the code is used up for both."""
    monkeypatch.setattr(totp, "code_at", lambda key, step: "123456")

    assert totp.matching_step(SEED, "123456") == totp.step_now() + 1


def test_a_code_may_begin_with_zeros(clock):
    step = next(step for step in range(10_000) if totp.code_at(SEED, step).startswith("00"))
    clock.move_to(dt.datetime.fromtimestamp(step * 30, dt.UTC))

    assert totp.matching_step(SEED, totp.code_at(SEED, step)) == step


def test_the_address_for_the_app_says_everything():
    """R013."""
    uri = urlsplit(totp.uri(SEED, issuer="Bäcker & Söhne", account="b o/b?"))

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/B%C3%A4cker%20%26%20S%C3%B6hne:b%20o%2Fb%3F"
    assert "issuer=B%C3%A4cker%20%26%20S%C3%B6hne" in uri.query
    assert parse_qs(uri.query) == {
        "secret": [SEED],
        "issuer": ["Bäcker & Söhne"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }


def test_a_colon_in_the_name_of_the_organization_does_not_end_it():
    assert totp.uri(SEED, issuer="A: B", account="bob").startswith("otpauth://totp/A%20%20B:bob?")


@pytest.mark.servers
@pytest.mark.parametrize("later", [0, 30, 86_400, 10_000_000])
def test_another_generator_shows_the_same_code(clock, later):
    """Of Debian's oath-toolkit, which shares no line with the library used here."""
    key = totp.new_key()
    clock.advance(seconds=later)
    command = [programs.find("oathtool"), "--totp=sha1", "--base32", "--digits=6"]
    moment = ["--now", f"{clock.now:%Y-%m-%d %H:%M:%S UTC}", key]

    shown = subprocess.run([*command, *moment], check=True, capture_output=True, text=True)

    assert totp.matching_step(key, shown.stdout.strip()) == totp.step_now()
