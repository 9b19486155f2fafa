"""Sends texts and places calls by a gateway of the organization's own: signed JSON, both ways.

docs/developers/gateway.md describes the protocol for those who write such a gateway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare
from urllib3 import BaseHTTPResponse, PoolManager, Timeout

from securityinfo import clock
from securityinfo.messaging.content import CallContent, Channel, TextContent
from securityinfo.messaging.models import Progress, Reason, State
from securityinfo.messaging.reports import Report
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.exchange import Exchange
from securityinfo.messaging.transports.telephony import RING_FOR, Telephony, address_of
from securityinfo.telephony import Gateway

T = TypeVar("T")

SIGNED_FOR = 300  # seconds: an older request may be a recorded one

_REFUSALS = {
    "bad_destination": base.Undeliverable,
    "opted_out": base.OptedOut,
    "busy": base.Busy,
    "expired": base.Expired,
}
_STATES = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "failed": State.FAILED,
    "expired": State.EXPIRED,
}
_REASONS = {
    "bad_destination": Reason.UNDELIVERABLE,
    "opted_out": Reason.OPTED_OUT,
    "misconfigured": Reason.MISCONFIGURED,
}
_PROGRESS = {
    "ringing": Progress.RINGING,
    "answered": Progress.ANSWERED,
    "ended": Progress.ENDED,
    "busy": Progress.BUSY,
    "no_answer": Progress.NO_ANSWER,
    "canceled": Progress.CANCELED,
}


class WebhookTransport(Telephony):
    """The id of the delivery row is in every request, so a gateway can refuse a second one."""

    def __init__(
        self, gateway: Gateway | None = None, *, seconds: float = base.SECONDS_PER_DELIVERY
    ) -> None:
        gateway = gateway or settings.GATEWAY
        if gateway is None:
            raise base.Misconfigured("no gateway")
        self.gateway = gateway
        self.seconds = seconds

    def send_text(self, text: TextContent, message_id: UUID) -> base.Receipt:
        return self._post(
            Channel.TEXT, message_id, to=text.to, text=text.text, valid_for=text.valid_for
        )

    def place_call(self, call: CallContent, message_id: UUID) -> base.Receipt:
        return self._post(
            Channel.CALL,
            message_id,
            to=call.to,
            extension=call.extension,
            language=call.language,
            script=asdict(call.script),
            ring_for=RING_FOR,
            keys_url=address_of("gateway-keys", message_id),
        )

    def try_out(self) -> None:
        """A signed ping: it asks for nothing, and a wrong secret is refused."""
        self._ask({"kind": "ping"}, _let_us_in)

    def parse_status(self, fields: Mapping[str, str]) -> Report:
        status, provider_id = fields.get("status", ""), fields.get("id", "")
        if status in _PROGRESS:
            return Report(provider_id, state=State.SENT, progress=_PROGRESS[status])
        state = _STATES.get(status)
        if state != State.FAILED:
            return Report(provider_id, state=state)
        reason = _REASONS.get(fields.get("reason", ""), Reason.UNREACHED)
        return Report(provider_id, state=state, reason=reason)

    def _post(self, kind: str, message_id: UUID, **fields: Any) -> base.Receipt:
        asked = {
            "kind": kind,
            "message": str(message_id),
            "status_url": address_of("gateway", message_id),
        }
        return self._ask(asked | fields, _receipt)

    def _ask(self, asked: dict[str, Any], read: Callable[[BaseHTTPResponse], T]) -> T:
        body = json.dumps(asked).encode()
        headers = {"Content-Type": "application/json", **signed(body, self.gateway.secret)}
        with Exchange(self.seconds) as exchange, PoolManager() as pool:
            pool.pool_classes_by_scheme = exchange.pool_classes()
            try:
                answer = pool.request(
                    "POST",
                    self.gateway.url,
                    body=body,
                    headers=headers,
                    timeout=Timeout(total=exchange.seconds),
                    retries=False,
                    redirect=False,
                )
                return read(answer)
            except base.DeliveryProblem:
                raise
            except Exception as error:  # noqa: BLE001 - of urllib3, ssl, json: all the same
                raise exchange.problem(error) from None


def signed(body: bytes, secret: str, *, at: int | None = None) -> dict[str, str]:
    """The headers that prove who wrote `body`, and when: for either side."""
    timestamp = str(int(clock.timestamp()) if at is None else at)
    return {"X-Timestamp": timestamp, "X-Signature": _signature(timestamp, body, secret)}


def is_genuine(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether the other side has signed `body` within the last minutes."""
    timestamp = headers.get("X-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(clock.timestamp() - int(timestamp)) > SIGNED_FOR:
        return False
    return constant_time_compare(
        headers.get("X-Signature", ""), _signature(timestamp, body, secret)
    )


def _signature(timestamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _let_us_in(answer: BaseHTTPResponse) -> None:
    """An older gateway knows no ping, and says so; that is no refusal of us."""
    if answer.status in (401, 403):
        raise base.Misconfigured(str(answer.status))
    if answer.status >= 500:
        raise base.OutcomeUnknown(str(answer.status))


def _receipt(answer: BaseHTTPResponse) -> base.Receipt:
    status = answer.status
    if 200 <= status < 300:
        provider_id = str(answer.json()["id"])
        if not 0 < len(provider_id) <= 100:
            raise base.OutcomeUnknown("no id")
        return base.Receipt(provider_id)
    if status == 429:
        raise base.Busy("429")
    if not 400 <= status < 500:
        raise base.OutcomeUnknown(str(status))
    raise _REFUSALS.get(_error_of(answer), base.Misconfigured)(str(status))


def _error_of(answer: BaseHTTPResponse) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, TypeError, KeyError):
        return ""
