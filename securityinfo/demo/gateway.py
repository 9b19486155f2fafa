"""Twilio's side of its protocol, as documented; the demo's phone and the tests' server speak it.

Stricter than Twilio: parameters that are unknown, doubled or malformed are refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.crypto import constant_time_compare

VERSION = "2010-04-01"


class Resource(StrEnum):
    MESSAGES = "Messages"
    CALLS = "Calls"


@dataclass(frozen=True)
class Account:
    sid: str
    auth_token: str = field(repr=False)


class Refused(Exception):
    """A request that Twilio answers with an error."""

    def __init__(self, status: int, number: int, message: str) -> None:
        super().__init__(message)
        self.status, self.number, self.message = status, number, message

    @property
    def body(self) -> dict[str, Any]:
        return {
            "code": self.number,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.number}",
            "status": self.status,
        }


@dataclass(frozen=True)
class Rule:
    """How a parameter is written, and Twilio's number for one that isn't."""

    spelling: str
    number: int = 20001
    required: int = 0  # Twilio's number if it is missing
    may_repeat: bool = False


_NUMBER = r"\+[1-9]\d{6,14}"
_ADDRESS = r"https?://[^\s_/]+/\S*"
_RULES = {
    Resource.MESSAGES: {
        "To": Rule(_NUMBER, number=21211, required=21604),
        "From": Rule(_NUMBER, number=21212),
        "MessagingServiceSid": Rule(r"MG[0-9a-f]{32}", number=21701),
        "Body": Rule(r"(?s:.{1,1600})", number=21617, required=21602),
        "StatusCallback": Rule(_ADDRESS, number=21609),
        "ValidityPeriod": Rule(r"[1-9]\d{0,3}|[12]\d{4}|3[0-5]\d{3}|36000"),
        "RiskCheck": Rule("enable|disable"),
        "ContentRetention": Rule("retain|discard"),
        "AddressRetention": Rule("retain|obfuscate"),
    },
    Resource.CALLS: {
        "To": Rule(_NUMBER, number=21211, required=21201),
        "From": Rule(_NUMBER, number=21212, required=21213),
        "Url": Rule(_ADDRESS, number=21205, required=21205),
        "Method": Rule("GET|POST", number=21206),
        "StatusCallback": Rule(_ADDRESS, number=21609),
        "StatusCallbackMethod": Rule("GET|POST"),
        "StatusCallbackEvent": Rule("initiated|ringing|answered|completed", may_repeat=True),
        "SendDigits": Rule(r"[0-9#*wW]{1,32}"),
        "Timeout": Rule(r"[1-9]\d?|[1-5]\d\d|600"),
        "TimeLimit": Rule(r"[1-9]\d{0,4}"),
    },
}


_UNKNOWN_OF_A_CALL = (
    "annotation",
    "answered_by",
    "caller_name",
    "duration",
    "end_time",
    "forwarded_from",
    "group_sid",
    "parent_call_sid",
    "phone_number_sid",
    "start_time",
    "trunk_sid",
)


def described(account: Account) -> dict[str, str]:
    """An account as Twilio shows it to its owner."""
    return {"sid": account.sid, "status": "active", "type": "Full", "friendly_name": "Demo"}


def authorize(account: Account, sid: str, header: str) -> None:
    """Basic authentication of the account in the address. Raises Refused."""
    scheme, _, credentials = header.partition(" ")
    try:
        given = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    expected = f"{account.sid}:{account.auth_token}"
    if scheme != "Basic" or not constant_time_compare(given, expected):
        raise Refused(401, 20003, "Authenticate")
    if sid != account.sid:
        raise Refused(404, 20404, "The requested resource was not found")


def read(resource: Resource, form: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The parameters of a request, each as documented. Raises Refused."""
    rules = _RULES[resource]
    for name, values in form.items():
        rule = rules.get(name)
        if rule is None:
            raise Refused(400, 20001, f"Unknown parameter {name}")
        well_written = all(re.fullmatch(rule.spelling, value) for value in values)
        if not well_written or (len(values) != 1 and not rule.may_repeat):
            raise Refused(400, rule.number, f"Invalid parameter {name}")
    for name, rule in rules.items():
        if rule.required and name not in form:
            raise Refused(400, rule.required, f"Parameter {name} is required")
    if not {"From", "MessagingServiceSid"} & set(form):
        raise Refused(400, 21603, "A 'From' phone number is required")
    return {name: " ".join(values) for name, values in form.items()}


def new_sid(resource: Resource) -> str:
    return ("SM" if resource is Resource.MESSAGES else "CA") + secrets.token_hex(16)


def created(resource: Resource, account: Account, sid: str, fields: Mapping[str, str]) -> Any:
    """The body of a 201, with every member that is documented."""
    path = f"/{VERSION}/Accounts/{account.sid}/{resource}/{sid}"
    now = format_datetime(timezone.now())
    common = {
        "sid": sid,
        "account_sid": account.sid,
        "api_version": VERSION,
        "date_created": now,
        "date_updated": now,
        "direction": "outbound-api",
        "from": fields.get("From"),
        "price": None,
        "price_unit": "USD",
        "status": "queued",
        "to": fields["To"],
        "uri": f"{path}.json",
    }
    if resource is Resource.CALLS:
        formatted = {"from_formatted": fields["From"], "to_formatted": fields["To"]}
        more = {"queue_time": "0", "subresource_uris": {"events": f"{path}/Events.json"}}
        return common | dict.fromkeys(_UNKNOWN_OF_A_CALL) | formatted | more
    return common | {
        "body": fields["Body"],
        "date_sent": None,
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": fields.get("MessagingServiceSid"),
        "num_media": "0",
        "num_segments": "1",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }


def text_report(
    account: Account, sid: str, fields: Mapping[str, str], *, status: str, error: int = 0
) -> dict[str, str]:
    """What Twilio posts to the StatusCallback of a text."""
    report = {
        "AccountSid": account.sid,
        "ApiVersion": VERSION,
        "From": fields.get("From", "+15005550006"),
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": fields["To"],
    }
    return report | {"ErrorCode": str(error)} if error else report


def call_request(
    account: Account, sid: str, fields: Mapping[str, str], *, status: str, **more: str
) -> dict[str, str]:
    """What Twilio posts when it asks for a document, brings keys or reports of a call."""
    return {
        "AccountSid": account.sid,
        "ApiVersion": VERSION,
        "CallSid": sid,
        "CallStatus": status,
        "Direction": "outbound-api",
        "From": fields["From"],
        "To": fields["To"],
    } | more


def progress_of(number: int, at: datetime) -> dict[str, str]:
    """What a report of a call has beside it; reports may arrive in another order."""
    return {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
        "Timestamp": format_datetime(at),
    }


def signature(account: Account, url: str, fields: Mapping[str, str]) -> str:
    """https://www.twilio.com/docs/usage/security: the address, then names and values by name."""
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    mac = hmac.new(account.auth_token.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()
