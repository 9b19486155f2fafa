"""N9, R065: the owner hears of guesses, however slowly they come."""

import pytest
from django.db.models import Q
from django.test import Client

from securityinfo.messaging.models import Message
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import VERIFY, post_password
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_three_wrong_second_steps_are_told_however_slowly_they_come(bob):
    kinds.allow("authenticator")
    has(bob, "authenticator")
    wrong = 0
    for turn in range(24):
        pass_a_quarter_of_an_hour()
        stranger = Client()
        post_password(stranger, "bob")
        for _ in range(2):
            ip = f"198.51.{turn}.1"
            wrong += stranger.post(VERIFY, {"code": "000000"}, REMOTE_ADDR=ip).status_code == 422
    told = Message.objects.filter(category="notice").count()
    assert told, f"{wrong} wrong second steps after a right password in six hours, no notice"


def pass_a_quarter_of_an_hour() -> None:
    """The short windows are over, the day's goes on. The oldest first: no two may ever be one."""
    day = ("answers-account-day", "answers-address-hour")
    of_the_day = Q(*[("key__startswith", each) for each in day], _connector=Q.OR)
    for counter in Counter.objects.exclude(of_the_day).order_by("window_start"):
        counter.window_start -= 901
        counter.save(update_fields=["window_start"])
