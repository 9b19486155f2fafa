"""NO5 (v), N15: "tells all contacts, agents and administrators"."""

import pytest
from django.test import Client

from securityinfo import disown_links
from securityinfo.messaging.models import Message
from tests.accounts.test_not_me import event_about

pytestmark = pytest.mark.django_db


def test_agents_hear_of_it(bob, carol, ada):
    Client().post(disown_links.page_for(event_about(bob).pk))
    told = set(Message.objects.filter(category="notice").values_list("user__username", flat=True))
    assert told >= {"bob", "ada", "carol"}, told
