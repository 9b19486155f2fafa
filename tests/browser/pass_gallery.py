"""A walk through the pages of a temporary access pass, in the states that look different."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts import passes
from accounts.models import User
from methods.models import NEVER_COUNTED, Registration
from securityinfo.policy.models import MethodRule
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.browser import reset_gallery
from tests.browser.gallery import Gallery
from tests.flows import reset_steps as steps
from tests.passes import issue

APP, MAIL, PASS, WRONG = "authenticator", "email", "temporary-pass", "AAAA-BBBB-CCCC"


def walk(gallery: Gallery) -> None:
    for kind in (APP, MAIL, PASS):
        kinds.allow(kind)
    beside_methods(gallery)
    in_place_of_methods(gallery)
    for_a_new_password(gallery)


def beside_methods(gallery: Gallery) -> None:
    paul = gallery.person("paul")
    apps = kinds.register(paul, APP)
    steps.settled(apps, kinds.register(paul, MAIL, {"address": "paul@example.net"}))
    Registration.objects.update(last_counter=NEVER_COUNTED)
    text = issue(paul)
    gallery.sign_in(paul)
    gallery.look("pass-live-second-step")
    gallery.visit(reverse("accounts:another-way"), "pass-another-way")
    gallery.visit(reverse("accounts:sign-in-pass"), "pass")
    gallery.send("pass-empty")
    gallery.send("pass-wrong", code=WRONG)
    gallery.send("pass-let-in", code=text)
    gallery.visit(reverse("accounts:keep-secure-choose"), "pass-choose")
    mail = Registration.objects.get(user=paul, kind=MAIL)
    replacing = reverse("accounts:keep-secure-set-up", args=[mail.uuid])
    gallery.visit(replacing, "pass-replace")
    gallery.visit(reverse("accounts:keep-secure-set-up", args=[APP]), "pass-set-up")
    MethodRule.objects.exclude(kind=PASS).update(state="off")
    gallery.visit(reverse("accounts:keep-secure"), "pass-nothing-possible")
    for kind in (APP, MAIL):
        kinds.allow(kind)


def in_place_of_methods(gallery: Gallery) -> None:
    petra: User = gallery.person("petra")
    passes.require(petra)
    gallery.sign_in(petra)
    gallery.look("pass-needed")
    issue(petra)
    gallery.sign_in(petra)
    gallery.look("pass-asked-for")


def for_a_new_password(gallery: Gallery) -> None:
    Counter.objects.all().delete()
    gallery.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    text = issue(User.objects.get(username="petra"), sets_password=True)
    reset_gallery.begin(gallery.page, "petra")
    reset_gallery.choose(gallery.page, PASS)
    gallery.look("pass-reset")
    gallery.send("pass-reset-wrong", code=WRONG)
    gallery.send("pass-reset-password", code=text)
    gallery.send("pass-reset-done", new_password=steps.NEW)
