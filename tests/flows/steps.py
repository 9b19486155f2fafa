"""What the stories of setting up share: addresses, texts, and what a page says."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Session
from methods.models import Challenge
from securityinfo.messaging.models import Message
from tests import kinds

LIST = "/security-info/"
ADD = "/security-info/add/"
START = "/security-info/add/email/"
VERIFY = f"{START}verify/"
RESEND = f"{VERIFY}resend/"
STATUS = f"{VERIFY}status/"
ACTIVITY = "/security-info/activity/"
DEFAULT = "/security-info/default/"

WRONG = "That code isn't right. Check it and try again."
EXHAUSTED = (
    "Too many wrong codes. This code no longer works. Ask for a new one or choose another way."
)
EXPIRED = "That code has expired. Ask for a new one."
STALE = "This took too long, so we started over. Nothing was changed."
GONE = "Your organization no longer allows this method. Choose another one."
MOST = "You already have the most that your organization allows. Delete one first."
ADDED = (
    "Email, b•••@example.net, was added. We told you at your other contacts. "
    "It is now your default sign-in method."
)

BOB, BAKER = {"address": "bob@example.net"}, {"address": "bob.baker@example.net"}


def text_of(response) -> str:
    """What a person reads, without mark-up and in one line."""
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    words = "".join(part.rpartition(">")[2] for part in main.split("<"))
    plain = unescape(words).replace("\u2068", "").replace("\u2069", "")
    return " ".join(plain.split())


def newest() -> Challenge:
    return Challenge.objects.order_by("issued_at").last()


def right() -> dict:
    return kinds.right(newest())


def wrong() -> dict:
    return kinds.wrong(newest())


def codes_sent() -> int:
    return Message.objects.filter(category="code").count()


def lands(response, address: str) -> bool:
    return response.status_code == 302 and response["Location"] == address


def stale_session() -> None:
    Session.objects.update(fresh_at=Now() - timedelta(minutes=11))


def change_of(registration) -> tuple[str, str]:
    address = reverse("methods:change", args=[registration.uuid])
    return address, f"{address}verify/"


def delete_of(registration) -> str:
    return reverse("methods:delete", args=[registration.uuid])
