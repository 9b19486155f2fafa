"""The keys: read once from settings.ENCRYPTION_KEYS, one subkey for each use, never the key itself.

The first of the `id:base64` pairs is the current key; the others still open what they sealed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 32  # bytes: 256 bits, as AES-256 and HMAC-SHA256 use
_KEY_ID = re.compile(r"[a-z0-9_-]{1,16}")
_NAME = "SECURITYINFO_ENCRYPTION_KEYS"

SHORTEST_SIGNING_KEY = 32  # characters
LEAST_VARIETY = 8  # different bytes of a key: 32 random ones have about 30
# What stands in public: in our tests, in the project that Django makes.
_PUBLISHED_KEY = bytes(range(SHORTEST_KEY))
_PUBLISHED_SIGNING_KEYS = ("testing-only-", "django-insecure-")


@dataclass(frozen=True)
class Key:
    """One key of the ring, as the subkeys derived from it."""

    id: str
    sealing: AESGCM = field(repr=False)
    codes: bytes = field(repr=False)
    fingerprints: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    @classmethod
    def derive(cls, key_id: str, secret: bytes) -> Key:
        return cls(
            id=key_id,
            sealing=AESGCM(_subkey(secret, "sealing")),
            codes=_subkey(secret, "codes"),
            fingerprints=_subkey(secret, "fingerprints"),
            audit=_subkey(secret, "audit"),
        )


@dataclass(frozen=True)
class KeyRing:
    """The current key, and every key by its id."""

    current: Key
    by_id: dict[str, Key]


def key_ring() -> KeyRing:
    """Raises ImproperlyConfigured for missing, malformed, short or equal keys."""
    return _load(tuple(settings.ENCRYPTION_KEYS), settings.SECRET_KEY)


def refuse_known_keys() -> None:
    """Raises ImproperlyConfigured for keys that somebody else could know or guess (R114, R134)."""
    signing_key = settings.SECRET_KEY
    if len(signing_key) < SHORTEST_SIGNING_KEY or signing_key.startswith(_PUBLISHED_SIGNING_KEYS):
        raise ImproperlyConfigured(
            f"SECURITYINFO_SECRET_KEY needs {SHORTEST_SIGNING_KEY} random characters of your own."
        )
    for number, pair in enumerate(settings.ENCRYPTION_KEYS, start=1):
        key_id, secret = _read(pair, number)
        if secret == _PUBLISHED_KEY or len(set(secret)) < LEAST_VARIETY:
            raise ImproperlyConfigured(f"{_NAME}: key {key_id!r} was not made at random.")


@lru_cache(maxsize=4)  # one; more while tests change the settings
def _load(pairs: Sequence[str], signing_key: str) -> KeyRing:
    secrets: dict[str, bytes] = {}
    for number, pair in enumerate(pairs, start=1):
        key_id, secret = _read(pair, number)
        if key_id in secrets:
            raise ImproperlyConfigured(f"{_NAME}: the id {key_id!r} is there twice.")
        if secret in secrets.values():
            raise ImproperlyConfigured(f"{_NAME}: key {key_id!r} equals another one.")
        if signing_key in (pair.partition(":")[2], secret.decode("utf-8", "replace")):
            raise ImproperlyConfigured(f"{_NAME}: key {key_id!r} equals SECURITYINFO_SECRET_KEY.")
        secrets[key_id] = secret
    keys = {key_id: Key.derive(key_id, secret) for key_id, secret in secrets.items()}
    if not keys:
        raise ImproperlyConfigured(f"{_NAME} is not set.")
    return KeyRing(current=next(iter(keys.values())), by_id=keys)


def _read(pair: str, number: int) -> tuple[str, bytes]:
    """The id and the bytes of one pair. What is wrong is told without the key."""
    key_id, _colon, encoded = pair.partition(":")
    if not encoded or not _KEY_ID.fullmatch(key_id):
        # Not even the id is repeated: without a colon it would be the key.
        raise ImproperlyConfigured(f"{_NAME}: key {number} is not written as id:base64.")
    try:
        secret = base64.b64decode(
            encoded, altchars=b"-_" if "-" in encoded else None, validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{_NAME}: key {key_id!r} is not base64.") from error
    if len(secret) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"{_NAME}: key {key_id!r} has {len(secret)} bytes, it needs {SHORTEST_KEY}."
        )
    return key_id, secret


def _subkey(secret: bytes, label: str) -> bytes:
    """HKDF-SHA256 (RFC 5869): whoever learns one subkey learns nothing of the others."""
    info = f"securityinfo {label} 1".encode("ascii")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)
