"""A visit to every page, in the states in which it shows different texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.http import HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone, translation

from accounts import duties, welcome
from accounts.models import Session, User
from methods import regions
from methods.models import Challenge, Registration
from securityinfo import disown_links
from securityinfo.actor import SYSTEM
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.demo import organization
from securityinfo.demo.models import DemoMessage
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import RuleState
from tests.i18n import (
    helpdesk_tour,
    pass_tour,
    people_tour,
    policy_tour,
    proof_tour,
    reset_tour,
)
from tests.i18n.visitor import Visitor, app_code, code_sent, later, wrong

# Stock Django pages with texts of their own; answers without words; what machines ask.
REPORTS = "reports:"
MACHINES = ("webhooks:", "operations:", "demo:gateway")
NOT_OUR_PAGES = ("admin:", "branding:", "preferences:", *MACHINES, REPORTS)
# The buttons of the demo's phone, which lead back to it.
BUTTONS = {"demo:answer", "demo:keys", "demo:press", "demo:hang-up"}
KIND, APP = "email", "authenticator"
NEW_PASSWORD = "seven otters juggle lanterns"
ANOTHER_PASSWORD = "eight herons fold umbrellas"
MANY = 100
TOO_MANY = 429


def all_page_names() -> set[str]:
    """The names of all addresses but those of `NOT_OUR_PAGES`."""
    names = {name for name in _names(get_resolver()) if not name.startswith(NOT_OUR_PAGES)}
    return names - BUTTONS


def report_names() -> set[str]:
    """Pages and files of the reports, which stand in the administration."""
    return {name for name in _names(get_resolver()) if name.startswith(REPORTS)}


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}"
        else:
            yield from _names(
                each, f"{namespace}{each.namespace}:" if each.namespace else namespace
            )


def visit_everything(
    language: str, tours: Iterable[Callable[[Visitor], None]]
) -> list[tuple[str, HttpResponse]]:
    """The answers of some tours, with what was asked for."""
    User.objects.update(language=language)
    answers = []
    for tour in tours:
        visitor = Visitor(language)
        tour(visitor)
        answers += visitor.answers
    return answers


def _as_nobody(visitor: Visitor) -> None:
    for name in ("home", "accounts:sign-in", "accounts:sign-out", "demo:phone", "demo:phone-json"):
        visitor.get(reverse(name))
    visitor.get(reverse("demo:phone") + "?person=alice")
    visitor.get("/there-is-no-such-page/")
    sign_in = reverse("accounts:sign-in")
    visitor.post(sign_in)
    visitor.post(sign_in, name="alice", password="wrong")


def _without_a_form_token(visitor: Visitor) -> None:
    visitor.client.handler.enforce_csrf_checks = True
    visitor.post(reverse("accounts:sign-in"), name="alice", password=organization.PASSWORD)


def _as_somebody_who_may_wait(visitor: Visitor) -> None:
    """The first method may be put off, once more."""
    OrgPolicy.objects.update(grace_days=5, grace_skips=1)
    visitor.sign_in("alice")
    visitor.get(reverse("accounts:keep-secure"))
    visitor.post(reverse("accounts:keep-secure-skip"))
    visitor.get(reverse("methods:list"))
    OrgPolicy.objects.update(grace_days=0, grace_skips=0)


def _as_alice(visitor: Visitor) -> None:
    """Registration that sign-in demands, with every mistake that can be made."""
    visitor.sign_in("alice")
    for name in ("keep-secure", "keep-secure-choose"):
        visitor.get(reverse(f"accounts:{name}"))
    visitor.post(reverse("accounts:keep-secure-choose"))
    visitor.post(reverse("accounts:keep-secure-skip"))
    steps = {
        step: reverse(f"accounts:keep-secure-{step}", args=[KIND])
        for step in ("set-up", "verify", "resend", "status")
    }
    _set_up(visitor, steps, "alice.private@example.net")
    visitor.get(reverse("accounts:keep-secure-summary"))
    visitor.post(reverse("accounts:keep-secure-summary"))


def _as_bob(visitor: Visitor) -> None:
    """A person who has a method looks at it, adds another, changes and deletes."""
    visitor.sign_in("bob")
    for name in ("list", "add", "default", "activity"):
        visitor.get(reverse(f"methods:{name}"))
    visitor.post(reverse("methods:show-in-full"))
    visitor.post(reverse("methods:add"))
    first = Registration.objects.confirmed().get(user__username="bob", kind=KIND)
    visitor.get(reverse("methods:delete", args=[first.uuid]))
    names = {"set-up": "set-up", "verify": "verify", "resend": "resend", "status": "status"}
    adding = {step: reverse(f"methods:{name}", args=[KIND]) for step, name in names.items()}
    _set_up(visitor, adding, "bob.second@example.net")
    visitor.post(reverse("methods:default"))
    later()
    names = {step: f"change-{step}" for step in ("verify", "resend", "status")}
    names["set-up"] = "change"
    changing = {step: reverse(f"methods:{name}", args=[first.uuid]) for step, name in names.items()}
    _set_up(visitor, changing, "bob.third@example.net")
    second = Registration.objects.confirmed().filter(user__username="bob").latest("pk")
    _set_up_app(visitor)
    _set_up_phones(visitor)
    visitor.post(reverse("methods:default"), method=str(second.uuid))
    visitor.get(reverse("methods:delete", args=[second.uuid]))
    visitor.post(reverse("methods:delete", args=[second.uuid]))
    visitor.get(reverse("methods:activity"))
    visitor.post(reverse("accounts:sign-out"))


def _as_somebody_with_a_start_password(visitor: Visitor) -> None:
    """The password is due, and changed once more; then signed out everywhere."""
    User.objects.filter(username="dave").update(must_change_password=True)
    visitor.sign_in("dave")
    due = reverse("accounts:new-password")
    for new in ("", "short", "password123456789", NEW_PASSWORD):
        visitor.post(due, new_password=new, new_password_again=new)
    change = reverse("accounts:password")
    visitor.get(change)
    for current, new, again in (
        ("", "", ""),
        ("wrong", ANOTHER_PASSWORD, ANOTHER_PASSWORD),
        (NEW_PASSWORD, NEW_PASSWORD, NEW_PASSWORD),
        (NEW_PASSWORD, ANOTHER_PASSWORD, "something else"),
        (NEW_PASSWORD, "otter " * 60, "otter " * 60),
        (NEW_PASSWORD, "dave dave dave and others", "dave dave dave and others"),
        (NEW_PASSWORD, ANOTHER_PASSWORD, ANOTHER_PASSWORD),
    ):
        visitor.post(change, current_password=current, new_password=new, new_password_again=again)
    visitor.get(reverse("methods:list"))
    visitor.post(reverse("accounts:stay"))
    other = Visitor(visitor.language)
    other.client.force_login(User.objects.get(username="dave"))
    everywhere = reverse("accounts:sign-out-everywhere")
    visitor.get(everywhere)
    session = Session.objects.get(browser="", user__username="dave")
    visitor.post(reverse("accounts:sign-out-one", args=[session.public_id]))
    visitor.post(everywhere)
    password = make_password(organization.PASSWORD)
    User.objects.filter(username="dave").update(password=password)


def _as_carol(visitor: Visitor) -> None:
    """Staff, for whom no method is strong enough yet."""
    visitor.sign_in("carol")
    visitor.get(reverse("accounts:keep-secure"))


def _without_any_method(visitor: Visitor) -> None:
    """The organization switches the only kind off."""
    visitor.sign_in("dave")
    MethodRule.objects.update(state=RuleState.OFF)
    for name in ("list", "add", "default"):
        visitor.get(reverse(f"methods:{name}"))
    visitor.get(reverse("methods:set-up", args=[KIND]))
    another = Visitor(visitor.language)
    another.sign_in("alice")
    visitor.answers += another.answers


def _as_somebody_impatient(visitor: Visitor) -> None:
    """Last, because it makes this network address wait."""
    for _ in range(MANY):
        if (
            visitor.post(reverse("accounts:sign-in"), name="zoe", password="wrong").status_code
            == 429
        ):
            return


def _set_up(visitor: Visitor, steps: dict[str, str], address: str) -> None:
    visitor.get(steps["set-up"])
    for mistake in ("", "no address", "alice@example.org", "somebody@example.org"):
        visitor.post(steps["set-up"], address=mistake)
    visitor.post(steps["set-up"], address=address)
    visitor.get(steps["set-up"])
    visitor.get(steps["status"])
    visitor.post(steps["resend"])
    right = code_sent()
    for code in ("", "12", wrong(right), wrong(right), right):
        visitor.post(steps["verify"], code=code)


def _set_up_app(visitor: Visitor) -> None:
    """Add an authenticator app, with the mistakes that can be made; rename and move it."""
    adding = reverse("methods:set-up", args=[APP])
    visitor.get(adding)
    for form in ({"code": ""}, {"code": "000000"}, {"code": app_code(), "name": "Other app"}):
        visitor.post(adding, **form)
    app = Registration.objects.confirmed().filter(kind=APP).latest("pk")
    change, move = (
        reverse(f"methods:{page}", args=[app.uuid]) for page in ("change", "change-verify")
    )
    visitor.get(change)
    for name in ("", "Authenticator app", "Authenticator-app", "Third app"):
        visitor.post(change, name=name)
    visitor.get(move)
    visitor.post(move, code=app_code())
    visitor.get(adding)
    Challenge.objects.update(expires_at=F("created_at"))
    visitor.get(adding)
    visitor.post(adding, cancel="cancel")


def _set_up_phones(visitor: Visitor) -> None:
    """Texts, calls and questions, with the mistakes that can be made; a call that rings."""
    for kind in ("sms", "call", "questions"):
        adding = reverse("methods:set-up", args=[kind])
        visitor.get(adding)
        visitor.post(adding)
        visitor.post(adding, country="US", number="12")
        visitor.post(adding, country="US", number="+1 900 234 5678", type="mobile")
        visitor.post(adding, country="US", number="+49 151 23456789", type="office", extension="x")
    calling = reverse("methods:set-up", args=["call"])
    visitor.post(calling, country="US", number="201 555 0199", type="mobile")
    visitor.post(reverse("methods:verify", args=["call"]))
    message = Message.objects.filter(channel="call").latest("created_at")
    DemoMessage.objects.create(
        id=message.pk, user=message.user, channel="call", to="+12015550199", state="ringing"
    )
    visitor.get(reverse("demo:phone"))


def _as_admin(visitor: Visitor) -> None:
    """The administration: every list, every form, and a policy that is refused."""
    visitor.sign_in("admin")
    visitor.get(reverse("admin:index"))
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        visitor.get(reverse(f"{name}_changelist"))
        newest = model._default_manager.order_by("-pk").first()
        if newest is not None:
            visitor.get(reverse(f"{name}_change", args=[newest.pk]))
            visitor.get(reverse(f"{name}_delete", args=[newest.pk]))
        visitor.get(reverse(f"{name}_add"))
        visitor.post(reverse(f"{name}_add"))
    visitor.post(reverse("admin:policy_orgpolicy_change", args=[1]))
    policy_tour.change_the_policy(visitor)
    policy_tour.explain(visitor)
    for name in sorted(report_names()):
        visitor.get(reverse(name))
    events = reverse("admin:audit_event_changelist")
    for query in ("person=bob", "person=nobody&since=x", "q=method"):
        visitor.get(f"{events}?{query}")
    for fields in ({}, {"channel": "text"}, {"channel": "email"}):
        visitor.post(reverse("reports:trial"), **fields)
    visitor.get(reverse("admin:index"))
    visitor.get(reverse("reports:recent") + "?until=2002-01-01")
    visitor.get(reverse("reports:over-time") + "?by=century")
    people = reverse("reports:people")
    for query in ("short=yes", "q=nobody", "role=king", "group=999&changed_from=x"):
        visitor.get(f"{people}?{query}")
    people_tour.import_people(visitor)


def _as_an_auditor(visitor: Visitor) -> None:
    """The administration for whoever only reads."""
    auditor = User.objects.get(username="carol")
    duties.give(auditor, [Duty.READ_AND_AUDIT])
    visitor.sign_in("carol")
    visitor.get(reverse("admin:index"))
    visitor.get(reverse("admin:policy_orgpolicy_change", args=[1]))
    visitor.get(reverse("admin:accounts_user_change", args=[auditor.pk]))


def _as_somebody_who_did_not_do_it(visitor: Visitor) -> None:
    """From the link in a notice to the freeze, and what it leaves."""
    bob = User.objects.get(username="bob")
    event = Event.objects.filter(subject=bob.public_id, tag=tags.METHOD_REGISTERED).latest("pk")
    link = disown_links.page_for(event.pk)
    visitor.get(link)
    visitor.post(link)
    visitor.get(link)
    visitor.client.force_login(bob)
    visitor.get(reverse("methods:list"))
    visitor.get(reverse("methods:activity"))
    User.objects.update(frozen_at=None, must_change_password=False)
    Registration.objects.update(suspended_at=None)


def _as_somebody_who_is_asked_for_a_review(visitor: Visitor) -> None:
    """Put off, then answered."""
    User.objects.filter(username="bob").update(reviewed_at=timezone.now() - timedelta(days=200))
    for answer in ("accounts:review-later", "accounts:review"):
        visitor.sign_in("bob")
        visitor.get(reverse("accounts:review"))
        visitor.post(reverse(answer))


def _as_the_first_administrator(visitor: Visitor) -> None:
    """A link that works, what it refuses, and a link that doesn't work any more."""
    link = welcome.invite("first", "first@example.org", actor=SYSTEM)
    address = link.address.removeprefix(settings.PUBLIC_URL)
    first = User.objects.filter(username="first")
    first.update(language=visitor.language)
    visitor.get(address)
    visitor.post(address, new_password="short", new_password_again="shorter")
    visitor.post(address, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    visitor.get(reverse("accounts:keep-secure"))
    visitor.get(address)
    visitor.post(reverse("accounts:sign-out"))
    first.delete()  # no demo person: nothing of theirs stands on the pages of others


TOURS = (
    _as_nobody,
    _as_the_first_administrator,
    _without_a_form_token,
    _as_somebody_who_may_wait,
    _as_alice,
    _as_bob,
    *proof_tour.TOURS,
    *reset_tour.TOURS,
    *pass_tour.TOURS,
    *helpdesk_tour.TOURS,
    _as_somebody_with_a_start_password,
    _as_somebody_who_is_asked_for_a_review,
    _as_carol,
    _without_any_method,
    _as_somebody_impatient,
    _as_somebody_who_did_not_do_it,
)
ADMIN_TOURS = (_as_alice, _as_admin, _as_an_auditor)


def name_of(answer: HttpResponse) -> str:
    """Of the page that answered; empty for an address that doesn't exist."""
    try:
        return resolve(answer.request["PATH_INFO"]).view_name
    except Resolver404:
        return ""


def is_html(answer: HttpResponse) -> bool:
    return answer.get("Content-Type", "").startswith("text/html")


def seeded_names() -> set[str]:
    """What stands on the pages in no language: the people, their methods, the organization."""
    people = {
        part
        for person in organization.PEOPLE
        for part in (person.full_name, person.username, person.department)
    }
    languages = {name for _, name in settings.LANGUAGES}
    methods = set(Registration.objects.exclude(name="").values_list("name", flat=True))
    with translation.override("nl"):
        countries = {regions.name_of(region) for region in policy.current().countries}
    codes = set(organization.SETTINGS["allowed_countries"])
    named = people | languages | countries | codes | methods
    named |= set(organization.SETTINGS["organization_domains"])
    return named | {organization.NAME, organization.PASSWORD}
