"""NO5: a used link keeps no colleague from protecting an account."""

import pytest
from django.test import Client

from securityinfo import disown_links
from securityinfo.throttling import limits
from tests.accounts.test_not_me import event_about

pytestmark = pytest.mark.django_db


def test_a_used_link_costs_nobody_else_a_press(bob, eve):
    mine, his = (disown_links.page_for(event_about(user).pk) for user in (eve, bob))
    insider, owner = Client(), Client()
    for _ in range(limits.DISOWNINGS_BY_ADDRESS.hits + 1):
        insider.post(mine)
    assert owner.post(his).status_code == 302, "bob's press is refused"
