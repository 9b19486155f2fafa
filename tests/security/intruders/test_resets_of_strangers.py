"""R077, R092: a stranger who merely begins resets stops the emailed code of sign-in."""

import pytest
from django.test import Client

from methods.models import Challenge
from tests import kinds
from tests.accounts.doors import post_password, post_sign_in
from tests.flows import reset_steps as steps
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_browser(bob):
    kinds.allow("email")
    has(bob, "email")
    client = Client()
    post_sign_in(client, "bob")
    client.post("/sign-out/")
    kinds.pass_time(hours=1)
    return client


def test_a_reset_begun_by_a_stranger_leaves_sign_in_as_it_was(own_browser):
    """In the owner's known browser, seconds later."""
    stranger = Client()
    steps.identify(stranger)
    steps.choose(stranger, "email")
    steps.work()
    post_password(own_browser, "bob")
    assert Challenge.objects.filter(purpose="sign_in", closed_at=None).exists(), (
        "no code was sent for signing in"
    )


def test_ten_resets_do_not_use_up_the_owners_codes(own_browser, bob):
    """In a new browser of the owner: an anonymous visitor uses up the codes of the day."""
    for number in range(10):
        kinds.pass_time(minutes=31)
        if number % 5 == 0:  # the next hour, for starts
            from securityinfo.throttling.models import Counter

            Counter.objects.filter(key__startswith="reset-starts").delete()
            Counter.objects.filter(key__startswith="sends-account:").delete()
            Counter.objects.filter(key__startswith="sends-destination:").delete()
        stranger = Client()
        steps.identify(stranger, REMOTE_ADDR=f"198.51.100.{number}")
        steps.choose(stranger, "email")
        steps.work()
    kinds.pass_time(hours=2)
    Counter.objects.filter(key__startswith="sends-account:").delete()
    Counter.objects.filter(key__startswith="sends-destination:").delete()
    post_password(Client(), "bob")
    assert Challenge.objects.filter(purpose="sign_in", closed_at=None).exists(), (
        "no code for the rest of the day"
    )
