"""What only the keys can make: codes, fingerprints, the audit chain, and sealed columns."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from securityinfo.keyring import Key, key_ring

logger = logging.getLogger(__name__)

NONCE_BYTES = 16  # of a code: 128 bits
KEY_ID = "key"  # in the context of a challenge: which one was the current key
_CODE_DIGITS = 6
_FORMAT = "aes1"  # AES-256-GCM, 96-bit random nonce, JSON inside
_GCM_NONCE_BYTES = 12


# --- Codes ----------------------------------------------------------------------------------------


def derived_code(challenge_id: UUID, nonce: bytes, generation: int, *, key_id: str = "") -> str:
    """The six digits of one generation of a challenge; computed when needed, never stored.

    `key_id`: the key of the challenge, so that it is answered as it was sent while keys change.
    """
    return code_from(_codes_key(key_id), challenge_id, nonce, generation)


def _codes_key(key_id: str) -> bytes:
    ring = key_ring()
    return ring.by_id.get(key_id, ring.current).codes


def code_from(key: bytes, challenge_id: UUID, nonce: bytes, generation: int) -> str:
    """HMAC-SHA256 over id ‖ nonce ‖ generation (16 + 16 + 4 bytes), reduced to six digits."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"A nonce has {NONCE_BYTES} bytes.")
    message = challenge_id.bytes + nonce + generation.to_bytes(4, "big")
    digest = hmac.digest(key, message, hashlib.sha256)
    # 64 bits over a million values: the bias is one in 10^13.
    return str(int.from_bytes(digest[:8], "big") % 10**_CODE_DIGITS).zfill(_CODE_DIGITS)


def derived_number(challenge_id: UUID, nonce: bytes, generation: int, *, key_id: str = "") -> str:
    """Two digits, 10 to 99, of one generation of a challenge; never those of the one before it."""
    key = _codes_key(key_id)
    start, *steps = (
        hmac.digest(key, b"number" + challenge_id.bytes + nonce + each.to_bytes(4, "big"), "sha256")
        for each in range(generation + 1)
    )
    # Each step is from 1 to 89 of 90 places: anywhere but back to where it was.
    number = int.from_bytes(start[:8], "big") % 90
    number += sum(1 + int.from_bytes(step[:8], "big") % 89 for step in steps)
    return str(10 + number % 90)


# --- Fingerprints and the audit chain -------------------------------------------------------------


def fingerprint(label: str, value: str) -> str:
    """43 characters that stand for a value: to find and to count it, never to read it.

    The same value under another label ("destination", "caller") has another fingerprint.
    """
    return _fingerprint(key_ring().current, label, value)


def fingerprints(label: str, value: str) -> list[str]:
    """One under each key of the ring, to find a value that was stored before a change of keys."""
    return [_fingerprint(key, label, value) for key in key_ring().by_id.values()]


def has_older_keys() -> bool:
    """Whether a stored fingerprint may be another one than that of the current key."""
    return len(key_ring().by_id) > 1


def _fingerprint(key: Key, label: str, value: str) -> str:
    message = label.encode() + b"\0" + value.encode(errors="surrogatepass")
    digest = hmac.digest(key.fingerprints, message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def audit_mac(data: bytes, *, key_id: str = "") -> bytes:
    """32 bytes, by the current key or the one that an old entry names (KeyError if it is gone)."""
    ring = key_ring()
    key = ring.by_id[key_id] if key_id else ring.current
    return hmac.digest(key.audit, data, hashlib.sha256)


def current_key_id() -> str:
    """Stored beside what has to be recomputed after a change of keys."""
    return key_ring().current.id


# --- Sealed columns -------------------------------------------------------------------------------


class Damaged(Exception):
    """A sealed value that doesn't open: changed, moved to another row, or its key is gone."""


@dataclass(frozen=True)
class Sealed:
    """A value as the database has it. Its row's instance opens it; alone it stays closed."""

    text: str

    def __repr__(self) -> str:
        return f"<Sealed {self.key_id}>"

    @property
    def key_id(self) -> str:
        return self.text.split(".")[1] if self.text.count(".") == 2 else ""


def seal(value: Any, row: bytes) -> Sealed:
    """JSON, encrypted with the current key and bound to `row`."""
    key = key_ring().current
    nonce = secrets.token_bytes(_GCM_NONCE_BYTES)
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = nonce + key.sealing.encrypt(nonce, plain, row)
    return Sealed(beginning(key.id) + base64.urlsafe_b64encode(sealed).decode("ascii"))


def beginning(key_id: str) -> str:
    """How every value begins, as the database has it, that this key has sealed."""
    return f"{_FORMAT}.{key_id}."


def unseal(sealed: Sealed, row: bytes) -> Any:
    """Raises Damaged if it doesn't open for this row with the key that it names."""
    try:
        scheme, key_id, encoded = sealed.text.split(".")
        if scheme != _FORMAT:
            raise Damaged("another format")
        data = base64.urlsafe_b64decode(encoded)
        nonce, box = data[:_GCM_NONCE_BYTES], data[_GCM_NONCE_BYTES:]
        return json.loads(key_ring().by_id[key_id].sealing.decrypt(nonce, box, row))
    except KeyError:
        raise Damaged("its key is not in the ring") from None
    except InvalidTag:
        raise Damaged("it was changed, or belongs to another row") from None
    except ValueError:
        raise Damaged("it is malformed") from None


class SealedAttribute(DeferredAttribute):
    """Opens the value when it is first read; what is never read is never opened."""

    field: EncryptedJSONField

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, owner)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.open(instance, value)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedJSONField(models.Field):
    """JSON that only its own row can open: AES-256-GCM bound to table, column and `bound_to`.

    `bound_to` names a field of the same model that is set before saving and never changes.
    Renaming table or column needs a data migration that opens and seals every row. A query can ask
    for NULL only, and `values()` gives Sealed objects; `update()` takes the result of `seal_for`.
    Fixtures can be written, sealed, but not loaded.
    """

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, bound_to: str = "uuid", **kwargs: Any) -> None:
        self.bound_to = bound_to
        super().__init__(*args, **kwargs | {"editable": False})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "TextField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        try:
            bound = self.model._meta.get_field(self.bound_to)
        except FieldDoesNotExist:
            bound = None
        if isinstance(bound, models.Field) and not isinstance(bound, models.AutoField):
            return super().check(**kwargs)
        hint = f"bound_to={self.bound_to!r} must name a field that is set before saving."
        return [*super().check(**kwargs), checks.Error(hint, obj=self, id="securityinfo.E002")]

    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        try:
            return unseal(sealed, self.row_of(instance))
        except Damaged as error:
            where = f"{self.model._meta.db_table}.{self.column} of {self._bound_value(instance)}"
            logger.critical("A sealed value is damaged: %s (%s).", where, error)
            raise Damaged(f"{where}: {error}") from None

    def seal(self, instance: models.Model, value: Any) -> Sealed:
        return seal(value, self.row_of(instance))

    def row_of(self, instance: models.Model) -> bytes:
        """What the value is bound to; the lengths keep one row's from reading like another's."""
        parts = (self.model._meta.db_table, self.column, self._bound_value(instance))
        return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)

    def _bound_value(self, instance: models.Model) -> str:
        value = getattr(instance, self.bound_to)
        if value in (None, ""):
            raise ValueError(f"{self.bound_to} must be set before {self.name} is sealed.")
        return str(value)

    def from_db_value(self, value: str | None, *_args: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.value_from_object(model_instance)

    def value_from_object(self, obj: models.Model) -> Any:
        """Sealed, so that neither a fixture nor a form shows what is inside."""
        value = obj.__dict__.get(self.attname, self)
        if value is self:
            value = getattr(obj, self.attname)
        return value if value is None or isinstance(value, Sealed) else self.seal(obj, value)

    def value_to_string(self, obj: models.Model) -> str:
        return cast(Sealed, self.value_from_object(obj)).text

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is sealed for one row: use save() or crypto.seal_for().")
        return value.text

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: nobody can search it by {lookup_name}.")
        return super().get_lookup(lookup_name)


def seal_for(instance: models.Model, name: str, value: Any) -> Sealed:
    """The value of field `name` sealed for this row: what `update()` needs."""
    field = cast(EncryptedJSONField, instance._meta.get_field(name))
    return field.seal(instance, value)
