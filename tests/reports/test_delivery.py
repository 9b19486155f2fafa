"""What was sent and what it cost, by country."""

from __future__ import annotations

import csv
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.reports.delivered import Delivered
from methods import registry
from securityinfo.messaging.models import Category, Message, Reason, State
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.settings_table import Settings
from tests import kinds

pytestmark = pytest.mark.django_db

PAGE, FILE = "/admin/reports/delivery/", "/admin/reports/delivery.csv"


@pytest.fixture
def send(bob):
    def make(channel: str, state: str, country: str = "", *, reason: str = "", days: float = 0):
        now = timezone.now()
        message = Message.objects.create(
            user=bob,
            job="x",
            category=Category.CODE,
            channel=channel,
            reference=uuid.uuid4(),
            language="en",
            state=state,
            reason=reason,
            country=country,
            expires_at=now,
            sent_at=now if state in ("sent", "delivered") else None,
        )
        Message.objects.filter(pk=message.pk).update(created_at=now - timedelta(days=days))

    return make


def test_each_message_is_counted_once_by_what_became_of_it(send):
    for state in State.values:
        send("text", state, "NL")

    [text] = [line for line in Delivered.since(30).lines if line.channel_name == "text"]

    assert text.all == len(State.values)
    assert text.states == {
        "waiting": 3,
        "sent": 1,
        "delivered": 1,
        "failed": 1,
        "unknown": 1,
        "not_needed": 2,
    }


def test_what_the_provider_took_is_counted_by_country_and_priced(send):
    OrgPolicy.objects.update(message_prices=["NL 0.08 0.05", "DE 0.1 0.2"])
    for state in ("sent", "delivered", "unknown", "pending", "expired", "failed"):
        send("text", state, "NL")
    send("call", "delivered", "NL")
    send("call", "delivered", "FR")
    send("email", "sent")

    delivered = Delivered.since(30)

    found = {each.region: (each.texts, each.calls, each.cost) for each in delivered.countries}
    assert found == {"NL": (3, 1, Decimal("0.29")), "FR": (0, 1, None)}
    assert delivered.total == Decimal("0.29")
    assert [each.region for each in delivered.countries] == ["NL", "FR"]


def test_only_the_chosen_days_count(send):
    send("text", "sent", "NL", days=10)

    assert len(Delivered.since(7).countries) == 0
    assert len(Delivered.since(30).countries) == 1


def test_the_days_that_are_counted_are_the_ones_that_are_chosen(admin):
    page = admin.get(PAGE).content.decode()

    assert '<option value="30" selected>30 days</option>' in page


def test_failures_are_told_apart(admin, send):
    send("text", "failed", "NL", reason=Reason.OPTED_OUT)
    send("text", "failed", "NL", reason=Reason.OPTED_OUT)
    send("email", "failed", reason=Reason.DOWN)

    page = admin.get(PAGE).content.decode()

    assert [count for _, _, count in Delivered.since(30).reasons] == [2, 1]
    assert "opted out" in page


def test_a_code_and_a_notice_know_the_country_of_their_number(bob):
    kinds.allow("sms")
    challenge = kinds.begin(bob, registry.get("sms"))
    kinds.confirm(challenge)
    kinds.allow("email")
    kinds.register(bob)  # told to the number, too

    countries = Message.objects.values_list("channel", "category", "country").distinct()

    assert ("text", "code", "NL") in set(countries)
    assert ("text", "notice", "NL") in set(countries)
    assert {country for channel, _, country in countries if channel == "email"} == {""}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("NL 0.08 0.05", "NL 0.08 0.05"),
        ("  nl   0.08  1 ", "NL 0.08 1"),
        ("NL 0.08", ""),
        ("NL -1 0", ""),
        ("NLD 1 1", ""),
        ("NL 1e9 1", ""),
        ("NL 0.12345 1", ""),
    ],
)
def test_a_price_is_a_country_and_two_amounts(line, kept):
    settings = Settings.clamped({"message_prices": [line]})

    assert settings.message_prices == ((kept,) if kept else ())


def test_the_file_has_the_same_numbers(admin, send):
    OrgPolicy.objects.update(message_prices=["NL 0.08 0.05"])
    send("text", "delivered", "NL")

    text = b"".join(admin.get(FILE).streaming_content).decode()

    rows = list(csv.DictReader(text.splitlines()))
    assert {
        "country": "NL",
        "channel": "",
        "state": "taken",
        "messages": "1",
        "cost": "0.08",
    } in rows
    assert sum(int(row["messages"]) for row in rows if row["channel"] == "text") == 2


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_an_unknown_time_is_refused(admin, address):
    assert admin.get(address, {"last": "8"}, follow=True).status_code == 422


def test_nothing_sent_is_said(admin):
    assert "No text and no call was sent" in admin.get(PAGE).content.decode()
