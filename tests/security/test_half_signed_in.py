"""Between the password and the last step nobody is signed in, whatever is asked for."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Role, Session, User
from methods import registry
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from securityinfo.policy.rules import Purpose
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    VERIFY,
    allow,
    is_signed_in,
    key,
    policy,
    post_password,
)
from tests.cast import PASSWORD
from tests.flows.proofs import (
    CONFIRM,
    OTHER,
    RESEND,
    TYPED,
    app_code,
    has,
    new_browser,
    newest,
    proving,
    right,
)
from tests.flows.walk import Walker, rows

pytestmark = pytest.mark.django_db

ADD = "/security-info/add/"


@pytest.fixture
def half(bob) -> Client:
    has(bob, "email")
    return proving(bob)


# --- R060, R061, R106: nobody's until the last step -----------------------------------------------


@pytest.fixture
def walker(bob) -> Walker:
    """Half signed in; what the routes are about is Bob's."""
    method = has(bob, "authenticator")
    for each in registry.all_methods():
        kinds.allow(each.kind)
    return Walker(proving(bob), {"kind": list(TYPED), "uuid": [method.uuid]})


def test_half_signed_in_no_page_opens_but_the_steps(walker):
    """R060: all routes, looking and posting; nobody has a session, nothing was changed."""
    before = rows()
    opened = set()

    for name, pattern in walker.routes():
        if name in ("accounts:sign-out", "accounts:sign-in"):
            continue
        if not getattr(pattern.callback, "login_required", True):
            continue
        for address in walker.addresses(name, pattern):
            for response in (walker.client.get(address), walker.client.post(address, {})):
                leads = response.get("Location", "").startswith((SIGN_IN, "/admin/"))
                if not (leads or response.status_code in (403, 404, 405)):
                    opened.add(name)

    assert opened == set()
    assert rows() == before
    assert not Session.objects.exclude(user=None).exists()


def test_setting_up_is_closed_to_whoever_has_a_method(walker, bob):
    """R060."""
    for name, pattern in walker.routes():
        if not name.startswith("accounts:keep-secure"):
            continue
        for address in walker.addresses(name, pattern):
            assert walker.client.get(address)["Location"] == SIGN_IN
            posted = walker.client.post(address, {"address": "intruder@example.net"})
            assert posted.status_code in (302, 405)
            assert posted.get("Location", SIGN_IN) == SIGN_IN

    assert Registration.objects.of(bob).count() == 1


def test_no_route_ends_in_a_session_without_the_second_step(walker):
    """R061: the password, twice over, and everything else that can be posted."""
    for name, pattern in walker.routes():
        for address in walker.addresses(name, pattern):
            walker.post(address)
            assert not Session.objects.exclude(user=None).exists(), name
    post_password(walker.client, "bob")
    assert not Session.objects.exclude(user=None).exists()


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/accounts/user/"])
def test_the_administration_leads_to_the_one_door(ada, address):
    """R061."""
    has(ada, "authenticator")
    browser = proving(ada)

    for client in (new_browser(), browser):
        page = client.get(address, follow=True)
        assert page.redirect_chain[0][0].startswith((SIGN_IN, "/admin/login/"))
        assert page.context["request"].path in (SIGN_IN, VERIFY)
    client.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert not Session.objects.exclude(user=None).exists()


@pytest.mark.parametrize("has_methods", [False, True])
def test_a_superuser_of_the_password_alone_opens_no_page_of_the_administration(ada, has_methods):
    """R106: in a session from before, as it may be after an update."""
    policy(registration_required=False)
    if has_methods:
        has(ada, "authenticator")
    client = new_browser()
    client.force_login(ada)
    Session.objects.update(
        fresh_at=Now(), strength=-1, strongest=-1, is_settled=True, with_password=True
    )
    walker = Walker(client, {"object_id": ["1"], "app_label": ["accounts"]})

    for name, pattern in walker.routes():
        for address in walker.addresses(name, pattern) if name.startswith("admin:") else ():
            response = client.get(address)
            assert response.status_code in (302, 403, 404), address
            leads = response.get("Location", "/admin/login/")
            assert leads.startswith(("/admin/login/", CONFIRM)) or leads == "/admin/", address


@pytest.mark.parametrize("role", [Role.HELPDESK, Role.ADMINISTRATOR])
def test_staff_do_not_sign_in_with_the_password_alone(make_person, role):
    """SI10: whatever the policy says about registration."""
    policy(registration_required=False, grace_days=10, grace_skips=10)
    kinds.allow("authenticator")
    make_person("sam", role=role)
    client = new_browser()

    assert post_password(client, "sam")["Location"] == KEEP_SECURE
    client.post("/keep-secure/skip/")
    assert not is_signed_in(client)


# --- R064: what is not offered is not taken -------------------------------------------------------


def not_offered(bob, eve) -> dict[str, str]:
    stranger = has(eve, "email", {"address": "eve@example.net"})
    kinds.allow("questions")
    return {
        "another person's": str(stranger.uuid),
        "unknown": "00000000-0000-4000-8000-000000000000",
        "a kind": "email",
        "nonsense": "'; --",
        "questions": str(kinds.register(bob, "questions").uuid),
    }


def test_only_what_is_offered_is_taken(bob, eve):
    """R064: an error, and what was asked for stays."""
    has(bob, "authenticator")
    ways = not_offered(bob, eve)
    email = has(bob, "email")
    browser = proving(bob)
    Challenge.objects.exclude(purpose=Purpose.SIGN_IN).delete()
    Message.objects.all().delete()
    asked = newest()
    allow("email", state="off")

    for what, way in (ways | {"switched off": str(email.uuid)}).items():
        response = browser.post(OTHER, {"way": way})
        assert response.status_code == 422, what
        assert newest().pk == asked.pk, what
    assert not Message.objects.exists()
    assert browser.post(VERIFY, right()).status_code == 302


def test_staff_do_not_get_in_by_email(bob):
    """R064, K10."""
    email = has(bob, "email")
    has(bob, "authenticator")
    User.objects.update(role=Role.ADMINISTRATOR)
    browser = proving(bob)

    response = browser.post(OTHER, {"way": str(email.uuid)})

    assert response.status_code == 422
    assert not Message.objects.filter(category="code").exists()
    assert not is_signed_in(browser)


# --- R067: ids ------------------------------------------------------------------------------------


def test_the_cookie_between_the_steps_is_dead_afterwards(half):
    """R067: whoever fixed or read it has nothing."""
    before = key(half)
    token = half.cookies["csrftoken"].value if "csrftoken" in half.cookies else ""
    thief = new_browser()
    thief.cookies["session"] = before

    half.post(VERIFY, right())

    assert key(half) != before
    assert not is_signed_in(thief)
    assert thief.get(VERIFY)["Location"] == SIGN_IN
    assert not token or half.cookies["csrftoken"].value != token


def test_the_cookie_before_confirming_is_dead_afterwards(bob):
    """R067."""
    has(bob, "authenticator")
    client = new_browser()
    client.force_login(bob)
    Session.objects.update(fresh_at=None)
    thief = new_browser()
    thief.cookies["session"] = key(client)
    app = Registration.objects.get()
    code = app_code(app)

    assert client.post(f"{CONFIRM}?next={ADD}", code)["Location"] == ADD

    assert client.get(ADD).status_code == 200
    assert not is_signed_in(thief)


# --- R092, R098: strangers ------------------------------------------------------------------------


def test_a_stranger_without_the_password_cannot_fill_the_owners_counters(bob):
    """R092, C6: a hundred answers from fifty addresses, and the owner goes on."""
    has(bob, "authenticator")
    owner = proving(bob, REMOTE_ADDR="203.0.113.9")

    for number in range(100):
        stranger = new_browser(REMOTE_ADDR=f"198.51.100.{number % 50}")
        stranger.post(VERIFY, {"code": "123456"})
        stranger.post(f"{CONFIRM}?next={ADD}", {"code": "123456"})
        stranger.post(RESEND)

    assert not Counter.objects.filter(key__startswith="answers").exists()
    assert newest().tries == 0
    assert owner.post(VERIFY, right())["Location"] == HOME


def test_failures_of_the_second_step_end_no_session(bob, signed_in):
    """R092."""
    has(bob, "authenticator")
    owner = signed_in(bob)
    stranger = proving(bob, REMOTE_ADDR="198.51.100.1")
    for _ in range(10):
        stranger.post(VERIFY, {"code": "000000"})

    assert is_signed_in(owner)
    assert owner.get(ADD).status_code == 200


def test_no_visitor_causes_a_text_or_a_call(bob):
    """R098: every route, looked at and posted to, by whoever has no password."""
    for kind in TYPED:
        has(bob, kind)
    has(bob, "call", {"type": "mobile", "country": "NL", "number": "06 87654321"})
    walker = Walker(
        new_browser(), {"uuid": list(Registration.objects.values_list("uuid", flat=True))}
    )

    for name, pattern in walker.routes():
        for address in walker.addresses(name, pattern):
            walker.client.get(address)
            walker.post(address, name="bob", password="wrong")

    assert not Message.objects.exclude(channel="email").exists()
    assert not Challenge.objects.exists()
