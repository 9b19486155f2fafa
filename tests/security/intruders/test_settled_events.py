"""NO5: links of before the helpdesk lifted the freeze freeze again, for whoever has kept them."""

import re

import pytest
from django.test import Client

from accounts import disown
from methods.models import Registration
from tests import kinds

pytestmark = pytest.mark.django_db


def test_what_was_settled_with_the_helpdesk_stays_settled(bob, ada, signed_in):
    kinds.allow("authenticator")
    kinds.register(bob, "authenticator")
    from tests.accounts.doors import post_password

    for _number in range(5):  # anybody makes events about bob, each with a link of its own
        post_password(Client(), "bob", "wrong")
    thief = signed_in(bob)  # a stolen cookie, for one request
    page = thief.get("/security-info/activity/").content.decode()
    links = sorted(set(re.findall(r"/security-info/activity/not-me/[^\"/]+/", page)))
    assert len(links) >= 1
    stranger = Client()
    freezes = 0
    for link in links:
        stranger.post(link)
        bob.refresh_from_db()
        freezes += bob.frozen_at is not None
        disown.lift(bob, [str(r.uuid) for r in Registration.objects.of(bob)], kinds.actor_for(ada))
    assert freezes <= 1, f"frozen {freezes} times by one look at the page; each needs the helpdesk"
