"""NO5, N8: the browser of a sign-in that was disowned is known no more."""

import pytest
from django.test import Client

from accounts.models import KnownBrowser
from securityinfo import disown_links
from securityinfo.audit.models import Event
from tests import kinds
from tests.accounts.doors import post_sign_in
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_the_strangers_browser_is_not_known_any_more(bob):
    kinds.allow("email")
    has(bob, "email")
    thief = Client()
    post_sign_in(thief, "bob")
    event = Event.objects.filter(tag="sign_in.completed").latest("pk")
    Client().post(disown_links.page_for(event.pk))
    assert not KnownBrowser.objects.filter(user=bob).exists()
