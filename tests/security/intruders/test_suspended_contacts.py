"""NO5, K7: a disowned mailbox hears of nothing more."""

import pytest
from django.test import Client

from accounts import disown
from securityinfo import disown_links
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import VERIFY, post_password
from tests.flows.proofs import app_code, has

pytestmark = pytest.mark.django_db


def test_a_disowned_mailbox_hears_of_nothing_more(bob, ada):
    kinds.allow("email")
    kinds.allow("authenticator")
    app = has(bob, "authenticator")
    kinds.register(bob, "email", {"address": "stranger@example.com"})
    event = Event.objects.filter(tag="method.registered").latest("pk")
    Client().post(disown_links.page_for(event.pk))
    disown.lift(bob, [], kinds.actor_for(ada))  # the stranger's method is not restored
    type(bob).objects.update(must_change_password=False)
    Message.objects.all().delete()
    owner = Client()
    post_password(owner, "bob")
    owner.post(VERIFY, app_code(app))
    told = [
        m.sealed
        for m in Message.objects.filter(category="notice")
        if m.sealed["to"] == "stranger@example.com"
    ]
    froze = False
    for each in told:
        Client().post("/" + each["link"].split("/", 3)[3])
        bob.refresh_from_db()
        froze = froze or bob.frozen_at is not None
    assert not told
    assert not froze
