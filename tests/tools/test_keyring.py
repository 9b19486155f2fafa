"""Keys that must not be used refuse to start, and none of them is ever shown."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from securityinfo.keyring import key_ring


def written(key_id: str, secret: bytes) -> str:
    return f"{key_id}:{base64.b64encode(secret).decode()}"


GOOD = written("k1", bytes(range(32)))
WRONG = {
    "missing": [],
    "without id": [base64.b64encode(bytes(32)).decode()],
    "without key": ["k1:"],
    "id with a dot": [written("k.1", bytes(range(32)))],
    "not base64": ["k1:" + "ü" * 44],
    "short": [written("k1", bytes(range(31)))],
    "same id": [GOOD, written("k1", bytes(range(1, 33)))],
    "same key": [GOOD, written("k2", bytes(range(32)))],
    "signing key": [GOOD, written("k2", b"this-is-the-signing-key-of-django")],
    "signing key as base64": [GOOD, "k2:" + "QUJD" * 12],
}
SIGNING = {"signing key as base64": "QUJD" * 12}


@pytest.mark.parametrize("name", WRONG)
def test_a_key_that_must_not_be_used_refuses_to_start(settings, name):
    """R114"""
    settings.SECRET_KEY = SIGNING.get(name, "this-is-the-signing-key-of-django")
    settings.ENCRYPTION_KEYS = WRONG[name]

    with pytest.raises(ImproperlyConfigured) as refusal:
        key_ring()

    told = str(refusal.value) + repr(refusal.value.__cause__)
    for pair in WRONG[name]:
        assert pair.rpartition(":")[2] not in told or not pair.rpartition(":")[2]


def test_wrong_keys_stop_the_start(settings):
    """R114: not the first request that needs them."""
    settings.ENCRYPTION_KEYS = []

    with pytest.raises(ImproperlyConfigured):
        apps.get_app_config("securityinfo").ready()


def test_the_first_of_several_keys_is_the_current_one(settings):
    settings.ENCRYPTION_KEYS = [GOOD, written("k2", bytes(range(1, 33)))]

    assert key_ring().current.id == "k1"
    assert list(key_ring().by_id) == ["k1", "k2"]


def test_each_use_has_a_key_of_its_own(settings):
    """R114"""
    settings.ENCRYPTION_KEYS = [GOOD]

    key = key_ring().current

    assert len({key.codes, key.fingerprints, key.audit, bytes(range(32))}) == 4


def test_subkeys_follow_rfc_5869(settings):
    """Computed with the textbook's two steps: a change here would orphan every stored value."""
    settings.ENCRYPTION_KEYS = [GOOD]
    extracted = hmac.digest(bytes(32), bytes(range(32)), hashlib.sha256)
    expanded = hmac.digest(extracted, b"securityinfo codes 1\x01", hashlib.sha256)

    assert key_ring().current.codes == expanded


def test_a_key_shows_its_id_alone(settings):
    """R114"""
    settings.ENCRYPTION_KEYS = [GOOD]

    assert repr(key_ring().current) == "Key(id='k1')"
