"""One statement that counts for good, whatever becomes of the request."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from django.db import connection, transaction


def durable() -> AbstractContextManager[None]:
    """For one statement: committed with it. Inside a transaction, which could undo it, it fails.

    A statement outside of transactions is one of its own: BEGIN and COMMIT would be two more trips
    to the database.
    """
    if connection.in_atomic_block:
        return transaction.atomic(durable=True)  # lets only a test's own transaction pass
    return nullcontext()
