"""Sends mail by SMTP: verified TLS, one deadline for everything, errors in our own words."""

from __future__ import annotations

import email.policy
import re
import smtplib
import ssl
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from securityinfo import clock
from securityinfo.backends import LOOPBACK
from securityinfo.messaging import letterhead
from securityinfo.messaging.content import EmailContent, Outgoing
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.bounded import BoundedSMTP

# Seven bits: not every server on the way takes eight.
POLICY = email.policy.SMTP.clone(cte_type="7bit")

_UNSEEN = re.compile(r"[\x00-\x1f\x7f]+")


class SmtpTransport:
    """One connection for each mail: simple, and nothing is left of the one before."""

    def __init__(
        self,
        server: Mapping[str, Any] | None = None,
        *,
        trust: ssl.SSLContext | None = None,
        seconds: float = base.SECONDS_PER_DELIVERY,
    ) -> None:
        self.server = settings.SMTP if server is None else server
        self.trust = trust or ssl.create_default_context()
        self.seconds = seconds

    def send(self, outgoing: Outgoing, message_id: UUID) -> base.Receipt:
        if not isinstance(outgoing, EmailContent):
            raise base.Misconfigured("not an email")
        if not (self.server["use_tls"] or self.server["use_ssl"] or self._is_on_this_machine):
            raise base.Misconfigured("no TLS")
        mail = as_mail(outgoing, message_id)
        client = self._client()
        try:
            self._open(client)
            self._address(client, outgoing.to)
            self._hand_over(client, mail)
        finally:
            client.part()
        return base.Receipt()

    def try_out(self) -> None:
        client = self._client()
        try:
            self._open(client)
        finally:
            client.part()

    def _client(self) -> BoundedSMTP:
        return BoundedSMTP(
            seconds=self.seconds,
            implicit_tls=self.trust if self.server["use_ssl"] else None,
            name=letterhead.public_host(),
        )

    @property
    def _is_on_this_machine(self) -> bool:
        return self.server["host"] in LOOPBACK

    def _open(self, client: BoundedSMTP) -> None:
        """Connect, encrypt, sign in. Nothing of the mail has left the house yet."""
        try:
            _accepted(*client.connect(self.server["host"], self.server["port"]))
            _accepted(*client.ehlo())
            self._encrypt(client)
            if self.server["username"]:
                client.login(self.server["username"], self.server["password"])
        except ssl.SSLCertVerificationError:
            raise base.Misconfigured("the certificate is not trusted") from None
        except smtplib.SMTPAuthenticationError as error:
            raise _refusal(error.smtp_code, "sign-in") from None
        except smtplib.SMTPNotSupportedError:
            raise base.Misconfigured("the server offers no STARTTLS or no sign-in") from None
        except (OSError, smtplib.SMTPException) as error:
            raise base.TransportDown(type(error).__name__) from None

    def _encrypt(self, client: BoundedSMTP) -> None:
        """STARTTLS, or an exception; smtplib forgets what was offered in plain text."""
        if self.server["use_tls"]:
            _accepted(*client.starttls(context=self.trust))
            _accepted(*client.ehlo())

    def _address(self, client: BoundedSMTP, to: str) -> None:
        try:
            sender = client.mail(settings.FROM_ADDRESS)
            _accepted(*sender)
            code, _ = client.rcpt(_as_ascii(to))
        except (OSError, smtplib.SMTPException) as error:
            raise base.TransportDown(type(error).__name__) from None
        if code == 530:  # "sign in first" is about us, not about the address
            raise base.Misconfigured("sign-in required")
        if code >= 500:
            raise base.Undeliverable(str(code))
        _accepted(code)

    def _hand_over(self, client: BoundedSMTP, mail: bytes) -> None:
        """From here on a lost connection leaves open whether the server took the mail."""
        try:
            code, _ = client.data(mail)
        except smtplib.SMTPDataError as error:  # DATA itself was refused: nothing was sent
            code = error.smtp_code
        except (OSError, smtplib.SMTPException) as error:
            raise base.OutcomeUnknown(type(error).__name__) from None
        if code >= 500:
            raise base.Undeliverable(str(code))
        _accepted(code)


def as_mail(content: EmailContent, message_id: UUID) -> bytes:
    """The mail as it goes over the wire. Raises Undeliverable for an address that is none."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(_one_line(letterhead.current().name), addr_spec=settings.FROM_ADDRESS)
    mail["To"] = Address(addr_spec=_as_ascii(content.to))
    mail["Subject"] = _one_line(content.subject)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message_id}@{letterhead.public_host()}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    for name, value in content.headers.items():
        mail[name] = _one_line(value)
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    return mail.as_bytes()


def _as_ascii(address: str) -> str:
    """The address as SMTP takes it. Raises Undeliverable if there is no such form."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_address = f"{local}@{domain.encode('idna').decode('ascii')}"
        ascii_address.encode("ascii")
        Address(addr_spec=ascii_address)
    except (UnicodeError, ValueError, IndexError, MessageError):
        raise base.Undeliverable("not an address") from None
    if _UNSEEN.search(ascii_address):
        raise base.Undeliverable("not an address")
    return ascii_address


def _one_line(text: str) -> str:
    return _UNSEEN.sub(" ", text).strip()


def _accepted(code: int, _answer: object = b"") -> None:
    if code >= 400:
        raise _refusal(code, "refused")


def _refusal(code: int, what: str) -> base.DeliveryProblem:
    """4xx may be otherwise in a while; 5xx, before there is an address, is about us (RFC 5321)."""
    problem = base.Busy if code < 500 else base.Misconfigured
    return problem(f"{what} {code}")
