"""Sends texts and places calls by Twilio, with its official client."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from securityinfo.messaging.content import CallContent, TextContent
from securityinfo.messaging.models import Progress, Reason, State
from securityinfo.messaging.reports import Report
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.exchange import Exchange
from securityinfo.messaging.transports.telephony import RING_FOR, Telephony, address_of
from securityinfo.telephony import Twilio

if TYPE_CHECKING:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

LONGEST_CALL = 120  # seconds: what it says three times takes half of that
LONGEST_VALIDITY = 36_000  # Twilio's own, which is far too long for a code

CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]

# Twilio's numbers, https://www.twilio.com/docs/api/errors, and what they mean to us.
BAD_NUMBER = {13223, 13224, 21211, 21214, 21217, 21614, 21635, 30005, 30006}
OPTED_OUT = {21610}
LATER = {20429, 60202, 60203}
TOO_LATE = {30036}
NOT_NOW = {30003, 30008}  # by callback only: off, or out of reach

_TEXTS = {
    "accepted": State.SENT,
    "queued": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
_CALLS = {
    "ringing": Progress.RINGING,
    "in-progress": Progress.ANSWERED,
    "answered": Progress.ANSWERED,
    "completed": Progress.ENDED,
    "busy": Progress.BUSY,
    "no-answer": Progress.NO_ANSWER,
    "canceled": Progress.CANCELED,
}

log = logging.getLogger(__name__)

# The client logs what it sends at the level INFO.
_silent = logging.Logger("twilio", level=logging.CRITICAL + 1)


class TwilioTransport(Telephony):
    """One connection for each request: nothing is left of the one before."""

    def __init__(
        self, account: Twilio | None = None, *, seconds: float = base.SECONDS_PER_DELIVERY
    ) -> None:
        account = account or settings.TWILIO
        if account is None:
            raise base.Misconfigured("no account")
        self.account = account
        self.seconds = seconds

    def send_text(self, text: TextContent, message_id: UUID) -> base.Receipt:
        fields: dict[str, Any] = {
            "to": text.to,
            "body": text.text,
            "status_callback": address_of("twilio-text", message_id),
            "risk_check": "enable",
        }
        if text.valid_for:
            fields["validity_period"] = max(1, min(text.valid_for, LONGEST_VALIDITY))
        if self.account.messaging_service:
            fields["messaging_service_sid"] = self.account.messaging_service
        else:
            fields["from_"] = self.account.sender
        if self.account.discards_content:
            fields |= {"content_retention": "discard", "address_retention": "obfuscate"}
        return self._create("messages", fields)

    def place_call(self, call: CallContent, message_id: UUID) -> base.Receipt:
        fields: dict[str, Any] = {
            "to": call.to,
            "from_": self.account.sender,
            "url": address_of("twilio-call", message_id),
            "method": "POST",
            "status_callback": address_of("twilio-call-status", message_id),
            "status_callback_method": "POST",
            "status_callback_event": CALL_EVENTS,
            "timeout": RING_FOR,
            "time_limit": LONGEST_CALL,
        }
        if call.extension:
            fields["send_digits"] = f"w{call.extension}"  # half a second after it is answered
        return self._create("calls", fields)

    def parse_status(self, fields: Mapping[str, str]) -> Report:
        if "CallSid" in fields:
            return _of_call(fields["CallSid"], fields.get("CallStatus", ""))
        code = fields.get("ErrorCode", "")
        state = _TEXTS.get(fields.get("MessageStatus", ""))
        number = int(code) if code.isascii() and code.isdigit() else 0
        return _of_text(fields.get("MessageSid", ""), state, number)

    def try_out(self) -> None:
        """Ask for our own account: free of charge, and only its token opens it."""
        account = self._ask(lambda client: client.api.accounts(self.account.account_sid).fetch())
        if account.status != "active":
            raise base.Misconfigured(f"the account is {account.status}")

    def _create(self, resource: str, fields: dict[str, Any]) -> base.Receipt:
        created = self._ask(lambda client: getattr(client, resource).create(**fields))
        if not created.sid:
            raise base.OutcomeUnknown("no sid")
        return base.Receipt(provider_id=created.sid)

    def _ask(self, request: Callable[[Client], Any]) -> Any:
        """One request to Twilio, and what it answers."""
        from twilio.base.exceptions import TwilioRestException, TwilioServiceException
        from twilio.http.http_client import TwilioHttpClient

        with Exchange(self.seconds) as exchange:
            http = TwilioHttpClient(timeout=exchange.seconds, logger=_silent)
            try:
                return request(self._client(http, exchange))
            except (TwilioRestException, TwilioServiceException) as error:
                raise _refusal(error.status, error.code) from None
            except Exception as error:  # noqa: BLE001 - of requests, urllib3, json: all the same
                raise exchange.problem(error) from None
            finally:
                http.session.close()

    def _client(self, http: TwilioHttpClient, exchange: Exchange) -> Client:
        from twilio.rest import Client

        http.session.trust_env = False  # a proxy or another identity would come unasked
        for adapter in http.session.adapters.values():
            adapter.poolmanager.pool_classes_by_scheme = exchange.pool_classes()
        client = Client(
            self.account.account_sid,
            self.account.auth_token,
            http_client=http,
            environment={"TWILIO_ACCOUNT_SID": self.account.account_sid},  # not the process's own
        )
        client.api.base_url = self.account.api_url
        return client


def _refusal(status: int, code: int | None) -> base.DeliveryProblem:
    """Security appendix 5.2: every outcome has its class; the text of Twilio's names the number."""
    reason = f"{status} {code}"
    if code in LATER or status == 429:
        return base.Busy(reason)
    if not 400 <= status < 500:
        return base.OutcomeUnknown(reason)
    if code in OPTED_OUT:
        return base.OptedOut(reason)
    if code in BAD_NUMBER:
        return base.Undeliverable(reason)
    if code in TOO_LATE:
        return base.Expired(reason)
    return base.Misconfigured(reason)


def _of_text(sid: str, state: State | None, code: int) -> Report:
    if state != State.FAILED:
        return Report(sid, state=state)
    if code in TOO_LATE:
        return Report(sid, state=State.EXPIRED)
    if code in OPTED_OUT:
        return Report(sid, state=state, reason=Reason.OPTED_OUT)
    if code in BAD_NUMBER:
        return Report(sid, state=state, reason=Reason.UNDELIVERABLE)
    if code in NOT_NOW or not code:
        return Report(sid, state=state, reason=Reason.UNREACHED)
    log.critical("ALERT text is misconfigured: %s", code)
    return Report(sid, state=state, reason=Reason.MISCONFIGURED)


def _of_call(sid: str, status: str) -> Report:
    """A call that failed was never placed: no such number, or no way to it."""
    if status == "failed":
        return Report(sid, state=State.FAILED, reason=Reason.UNREACHED)
    known = status in _CALLS or status in ("queued", "initiated")
    return Report(sid, state=State.SENT if known else None, progress=_CALLS.get(status))
