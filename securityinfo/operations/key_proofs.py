"""Shows that all processes have the same keys: each can open what the others have sealed."""

from __future__ import annotations

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from securityinfo import crypto, resealing
from securityinfo.keyring import key_ring
from securityinfo.operations.models import KeyProof

log = logging.getLogger(__name__)

_PLAIN = "This installation has this key."


def leave() -> None:
    """A proof of the current key, unless there is one. Two at once do no harm."""
    key_id = crypto.current_key_id()
    if not KeyProof.objects.filter(pk=key_id).exists():
        proof = KeyProof(key_id=key_id)
        proof.sealed = _PLAIN
        KeyProof.objects.bulk_create([proof], ignore_conflicts=True)


def closed() -> list[str]:
    """Ids of keys that this process doesn't have, or has otherwise than the others."""
    return [proof.key_id for proof in KeyProof.objects.order_by("pk") if not _opens(proof)]


def refuse_wrong_keys() -> None:
    """At the start of a process: raises ImproperlyConfigured for keys that aren't the database's.

    A key that was dropped is no wrong one, as long as another one opens something. Without a
    database, or before it is migrated, nobody can tell.
    """
    try:
        proofs = list(KeyProof.objects.order_by("pk"))
    except DatabaseError as error:
        log.warning("The keys could not be compared with the database's: %s", type(error).__name__)
        return
    finally:
        connections.close_all()  # none may be shared with the processes that are forked from here
    closed = [proof.key_id for proof in proofs if not _opens(proof)]
    others = set(closed) & set(key_ring().by_id)
    if others or (closed and len(closed) == len(proofs)):
        raise ImproperlyConfigured(
            f"SECURITYINFO_ENCRYPTION_KEYS has other keys than the database was sealed with "
            f"({', '.join(sorted(others) or closed)}): nothing that is stored would open."
        )


def _opens(proof: KeyProof) -> bool:
    return not resealing.damage_of(proof, "sealed")
