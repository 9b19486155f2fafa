"""C6: making browsers known gives no further guesses at the stronger method."""

import pytest
from django.test import Client

from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import VERIFY, code_sent, policy, post_password
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


def test_step_up_guesses_are_limited_for_the_account(bob):
    kinds.allow("authenticator")
    kinds.allow("email")
    _mail, _app = has(bob, "email"), has(bob, "authenticator")
    thief, compared = Client(), 0
    for turn in range(8):
        ip = f"198.51.100.{turn}"
        kinds.pass_time(minutes=3)  # only the pause between codes
        assert post_password(thief, "bob", REMOTE_ADDR=ip)["Location"] == VERIFY
        done = thief.post(VERIFY, {"code": code_sent()}, REMOTE_ADDR=ip)
        if done.status_code == 429:
            break
        to = "?next=/security-info/password/"
        for _number in range(4):
            answer = thief.post(f"/confirm/{to}", {"code": "000000"}, REMOTE_ADDR=ip)
            compared += answer.status_code == 422
        thief.post("/sign-out/")
    Message.objects.filter(category="notice").count()
    assert compared <= 20, (
        f"{compared} guesses at the app in an hour's worth of sign-ins; limit is 5/5 min, 20/h"
    )


def test_nor_does_a_trusted_browsers_cookie_give_more(bob):
    """Password and the cookie of a trusted browser: without any pause, and nobody is told."""
    kinds.allow("authenticator")
    policy(trusted_browser_days=14, methods_to_register=1)
    app = has(bob, "authenticator")
    thief, compared = Client(), 0
    assert post_password(thief, "bob")["Location"] == VERIFY
    from tests.flows.proofs import app_code

    assert thief.post(VERIFY, app_code(app) | {"trust": "on"}).status_code == 302
    thief.post("/sign-out/")
    told = Message.objects.filter(category="notice").count()
    for turn in range(10):
        ip = f"198.51.100.{turn}"
        assert post_password(thief, "bob", REMOTE_ADDR=ip)["Location"] == "/security-info/"
        for _number in range(5):
            answer = thief.post(
                "/confirm/?next=/security-info/password/", {"code": "000000"}, REMOTE_ADDR=ip
            )
            compared += answer.status_code == 422
        thief.post("/sign-out/")
    new = Message.objects.filter(category="notice").count() - told
    assert compared <= 5, (
        f"{compared} guesses at the app within seconds (limit 5 in 5 minutes), {new} notices"
    )


def test_nor_more_texts_to_the_owners_phone(bob):
    """C10: 5 in 30 minutes and 10 a day; two minutes apart they come all day long."""
    kinds.allow("sms")
    policy(trusted_browser_days=14, methods_to_register=1)
    text = has(bob, "sms")
    thief = Client()
    post_password(thief, "bob")
    thief.post(VERIFY, {"code": code_sent(), "trust": "on"})
    thief.post("/sign-out/")
    for turn in range(25):
        kinds.pass_time(minutes=3)
        assert (
            post_password(thief, "bob", REMOTE_ADDR=f"198.51.100.{turn}")["Location"]
            == "/security-info/"
        )
        thief.post(
            "/confirm/another-way/?next=/security-info/password/",
            {"way": str(text.uuid)},
            REMOTE_ADDR=f"198.51.100.{turn}",
        )
        thief.post("/sign-out/")
    texts = Message.objects.filter(category="code", channel="text").count()
    assert texts <= 10, f"{texts} texts to one number of one account"
