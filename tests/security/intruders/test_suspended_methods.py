"""SU2, K7, MG6: the owner gets rid of what was disowned."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import disown
from securityinfo import disown_links
from securityinfo.audit.models import Event
from tests import kinds
from tests.accounts.doors import VERIFY, code_sent, forget_what_was_sent, post_password
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_the_owner_gets_rid_of_what_was_disowned(bob, ada):
    kinds.allow("email")
    kinds.allow("authenticator")
    has(bob, "email")
    app = kinds.register(bob, "authenticator")  # by a stranger with the password and the mailbox
    event = Event.objects.filter(tag="method.registered").latest("pk")
    Client().post(disown_links.page_for(event.pk))
    disown.lift(bob, [], kinds.actor_for(ada))
    type(bob).objects.update(must_change_password=False)
    forget_what_was_sent()
    owner = Client()
    post_password(owner, "bob")
    assert owner.post(VERIFY, {"code": code_sent()})["Location"] == "/security-info/"
    answer = owner.post(reverse("methods:delete", args=[app.uuid]))
    add = owner.get(reverse("methods:set-up", args=["authenticator"]))
    assert answer["Location"] == "/security-info/", (
        f"delete: {answer['Location']}; add: {add.get('Location')}"
    )
