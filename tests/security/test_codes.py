"""Codes, one named test for each requirement on codes that is no unit matter."""

from __future__ import annotations

import io
import logging
import secrets
import subprocess
import sys
from collections import Counter as Count
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core import management

from methods import answers, challenges, courier, models
from methods.answers import Result
from methods.models import Challenge
from securityinfo import crypto
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from tests import kinds

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture
def challenge(bob):
    kinds.allow("email")
    return kinds.begin(bob, kinds.registry.get("email"))


# --- R001 -----------------------------------------------------------------------------------------


def test_codes_are_uniform_in_every_position():
    """R001: 200,000 challenges, chi-square of each digit with 9 degrees of freedom."""
    total = 200_000
    codes = [crypto.derived_code(uuid4(), models.new_nonce(), 0) for _ in range(total)]

    assert all(len(code) == 6 and code.isdigit() for code in codes)
    for position in range(6):
        seen = Count(code[position] for code in codes)
        expected = total / 10
        chi_square = sum((seen[digit] - expected) ** 2 / expected for digit in "0123456789")
        assert chi_square < 45  # by chance once in a million runs


def test_the_published_vector_holds():
    """R001."""
    challenge = UUID("00112233-4455-6677-8899-aabbccddeeff")
    codes = [
        crypto.code_from(bytes(range(32)), challenge, bytes(range(16)), generation)
        for generation in range(4)
    ]

    assert codes == ["719711", "657044", "073040", "189621"]


def test_a_code_that_begins_with_zero_verifies(challenge):
    """R001: leading zeros are kept, on the way out and on the way in."""
    while not kinds.right(challenge)["code"].startswith("0"):
        challenge.nonce = models.new_nonce()
    challenge.save(update_fields=["nonce"])
    code = kinds.right(kinds.reload(challenge))["code"]

    wrong = kinds.confirm(kinds.reload(challenge), {"code": code.lstrip("0")})
    right = kinds.confirm(kinds.reload(challenge), {"code": code})

    assert wrong.result is Result.WRONG
    assert right.result is Result.RIGHT


def test_each_challenge_has_a_nonce_of_its_own_of_128_bits(monkeypatch):
    """R001: out of `secrets`."""
    asked = []
    monkeypatch.setattr(
        secrets, "token_bytes", lambda count: asked.append(count) or bytes(range(count))
    )

    models.new_nonce()

    assert asked == [16]


def test_the_linter_bans_guessable_randomness(tmp_path):
    """R001: `random` is refused by the rules of the project."""
    program = "from __future__ import annotations\n\nimport random\n\ncode = random.random()\n"

    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", TOP / "pyproject.toml", "-"],
        input=program,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1
    assert "S311" in found.stdout


# --- R002 -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_code_is_in_the_database_the_jobs_or_the_log(challenge, caplog, monkeypatch):
    """R002: sent, wrong, resent, right; only the message itself ever held a code."""
    from securityinfo.messaging import tasks

    published = []
    monkeypatch.setattr(tasks, "publish_or_note", lambda *args: published.append(args))
    MemoryTransport.clear()
    with caplog.at_level(logging.DEBUG):
        codes = [kinds.right(challenge)["code"]]
        for message in Message.objects.filter(category="code"):
            courier.deliver(message.pk)
        kinds.confirm(kinds.reload(challenge), kinds.wrong(challenge))
        kinds.pass_time(seconds=31)
        challenges.resend(
            kinds.reload(challenge),
            settings=policy.current_for(challenge.user).settings,
            actor=kinds.actor_for(challenge.user),
        )
        codes.append(kinds.right(kinds.reload(challenge))["code"])
        for message in Message.objects.filter(category="code", generation=1):
            courier.deliver(message.pk)
        sent = [each.outgoing.text for each in MemoryTransport.outbox]
        kinds.confirm(kinds.reload(challenge), {"code": codes[1]})
    MemoryTransport.clear()

    dump = io.StringIO()
    management.call_command("dumpdata", "--all", stdout=dump)

    assert [code in text for code, text in zip(codes, sent, strict=True)] == [True, True]
    for code in codes:
        assert f'"{code}"' not in dump.getvalue()
        assert code not in caplog.text
        assert code not in str(published)


@pytest.mark.django_db
def test_a_stolen_database_opens_no_challenge(challenge, settings):
    """R002: without the key the very same row gives another code."""
    with_key = kinds.right(challenge)["code"]
    row = Challenge.objects.get(pk=challenge.pk)

    others = {
        crypto.code_from(bytes([number]) * 32, row.id, bytes(row.nonce), row.generation)
        for number in range(20)
    }

    assert with_key not in others


# --- R008 -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_four_wrong_a_resend_and_one_wrong_end_it(challenge):
    """R008."""
    first = kinds.right(challenge)
    for _ in range(4):
        kinds.confirm(kinds.reload(challenge), kinds.wrong(challenge))
    kinds.pass_time(seconds=31)
    renewed = challenges.resend(
        kinds.reload(challenge),
        settings=policy.current_for(challenge.user).settings,
        actor=kinds.actor_for(challenge.user),
    )

    last = kinds.confirm(kinds.reload(renewed), first)

    assert last.result is Result.EXHAUSTED
    assert not Challenge.objects.open().exists()


# --- R012 -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_challenge_of_somebody_else_is_as_none_at_all(challenge):
    """R012 as far as it is built: the answer tells a stranger nothing, and costs no try."""
    strangers = [
        kinds.confirm(kinds.reload(challenge), kinds.right(challenge), flow="another"),
        answers.judge(
            kinds.reload(challenge),
            kinds.right(challenge),
            purpose=Purpose.RESET,
            flow=challenge.flow,
            actor=kinds.actor_for(challenge.user),
            then=lambda _: None,
        ),
    ]
    Challenge.objects.filter(pk=challenge.pk).close(models.Outcome.CANCELED)
    ended = kinds.confirm(kinds.reload(challenge), kinds.right(challenge))

    assert strangers == [ended, ended]
    assert kinds.reload(challenge).tries == 0
