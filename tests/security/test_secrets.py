"""R002, R114, R115: secrets are derived, sealed, bound to their row, and kept out of the code."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from methods.models import Challenge, Registration
from securityinfo import crypto
from securityinfo.messaging.models import Category, Message
from tests.accounts.doors import has_method

pytestmark = pytest.mark.django_db

TOP = Path(__file__).resolve().parent.parent.parent
# 32 bytes in base64, as a key of the ring is written.
LOOKS_LIKE_A_KEY = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9=])")
FOLDERS = (".ci", "accounts", "docs", "locale", "methods", "securityinfo", "static", "templates")
TEXT = {".css", ".html", ".js", ".json", ".md", ".po", ".py", ".sh", ".svg", ".txt", ".yaml", ""}
CANARY = "canary-7d1f@example.net"


def notice_for(user: User, words: str) -> Message:
    return Message.objects.create(
        user=user,
        job="messaging.send_notice",
        category=Category.NOTICE,
        channel="email",
        reference=uuid.uuid4(),
        language="en",
        sealed={"to": words},
        expires_at=timezone.now() + timedelta(days=1),
    )


def swap_in_sql(table: str, column: str) -> None:
    """What somebody who can write to the database would do with two rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {column} FROM {table} ORDER BY id")
        (one, first), (two, second) = cursor.fetchall()
        for row, value in ((one, second), (two, first)):
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE id = %s",
                [value, row],
            )


def test_details_swapped_between_two_people_fail_safely_with_an_alert(bob, eve, caplog):
    """R115"""
    has_method(bob, "bob@example.net")
    has_method(eve, "eve@example.net")

    swap_in_sql("methods_registration", "details")

    for registration in Registration.objects.all():
        with pytest.raises(crypto.Damaged):
            _ = registration.details
    assert {record.levelname for record in caplog.records} == {"CRITICAL"}
    assert "example.net" not in caplog.text


def test_addresses_kept_for_delivery_swapped_between_two_rows_fail_safely(bob, eve):
    """R115"""
    notice_for(bob, "bob@example.net")
    notice_for(eve, "eve@example.net")

    swap_in_sql("messaging_message", "sealed")

    for message in Message.objects.all():
        with pytest.raises(crypto.Damaged):
            _ = message.sealed


def test_no_address_is_readable_in_any_table(bob):
    """R115: the whole database is searched for it."""
    Registration.objects.create(user=bob, kind="email", details={"address": CANARY})
    notice_for(bob, CANARY)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert CANARY not in repr(cursor.fetchall()), table


def test_every_sealed_column_is_bound_to_a_unique_field():
    """R115: rows that share what they are bound to could be swapped."""
    sealed = [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, crypto.EncryptedJSONField)
    ]

    assert {Registration, Message} <= {model for model, _field in sealed}
    for model, field in sealed:
        bound = model._meta.get_field(field.bound_to)
        assert bound.unique
        assert isinstance(bound, models.UUIDField)


def test_no_column_could_hold_a_code():
    """R002: a challenge keeps a nonce, and the code key is not in the database."""
    names = {field.name for field in Challenge._meta.get_fields()}

    assert "nonce" in names
    assert not {name for name in names if "code" in name or "secret" in name}


def test_the_same_challenge_has_another_code_under_another_key(settings):
    """R002, R114: whoever has the database alone cannot compute a code."""
    challenge = (uuid.UUID(int=1), bytes(16))
    codes = {crypto.derived_code(*challenge, generation) for generation in range(20)}

    settings.ENCRYPTION_KEYS = ["other:" + "A" * 43 + "="]
    others = {crypto.derived_code(*challenge, generation) for generation in range(20)}

    assert len(codes & others) <= 1


def test_no_key_is_in_the_repository():
    """R114: the tests' own are published on purpose, and belong to no installation."""
    files = [path for path in TOP.iterdir() if path.is_file() and path.name != ".env"]
    for folder in FOLDERS:
        files += [
            path for path in (TOP / folder).rglob("*") if path.is_file() and path.suffix in TEXT
        ]

    suspects = [
        path.relative_to(TOP)
        for path in files
        if LOOKS_LIKE_A_KEY.search(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert len(files) > 100
    assert suspects == []
