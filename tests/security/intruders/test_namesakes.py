"""R093, PR11: an own reset clears no waits of somebody with a similar name."""

import pytest
from django.test import Client

from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import policy, post_password
from tests.flows import reset_steps as steps
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def counted() -> int:
    return sum(
        Counter.objects.filter(key__startswith="password-hold").values_list("hits", flat=True)
    )


def test_an_own_reset_clears_nobody_elses_counters(bob, make_person):
    eve = make_person("eve", work_address="bob@partner.example.org")
    kinds.allow("email")
    has(eve, "email", {"address": "eve@example.net"})
    policy(methods_to_reset=1, methods_to_register=1)
    for number in range(8):
        post_password(Client(), "bob", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert counted() == 8
    browser = Client()
    steps.first_by_email(browser, "eve")
    assert steps.set_password(browser)["Location"] == steps.DONE
    assert counted() == 8, f"{counted()} of 8 wrong passwords for bob are still counted"
