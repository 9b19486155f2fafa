"""What one request has already read of the policy, so that it reads it once."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

# None outside of requests: a worker or a command asks the database each time.
_request: ContextVar[dict[Any, Any] | None] = ContextVar("policy_of_request", default=None)


def begin(**kwargs: object) -> None:
    _request.set({})


def end(**kwargs: object) -> None:
    _request.set(None)


def recall(key: object) -> Any:
    return (_request.get() or {}).get(key)


def keep(key: object, value: Any) -> None:
    memory = _request.get()
    if memory is not None:
        memory[key] = value


def forget(**kwargs: object) -> None:
    """The policy was changed in this request: what was read before no longer holds."""
    memory = _request.get()
    if memory:
        memory.clear()
