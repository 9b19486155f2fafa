"""Every page in every state: accessible in each theme and direction, and never cut off."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from securityinfo.policy.models import OrgPolicy
from tests.browser import (
    gallery,
    helpdesk_gallery,
    measure,
    pass_gallery,
    policy_gallery,
    proof_gallery,
    report_gallery,
    reset_gallery,
)
from tests.i18n import tour
from tests.servers import browser as browsers

# `GALLERY=folder pytest tests/browser/test_gallery.py` keeps a picture of everything.
PICTURES = os.environ.get("GALLERY", "")
# Addresses that lead on, or answer with a part of a page.
NEVER_SEEN = {
    "None",  # of tests.pages.urls
    "accounts:confirm-resend",
    "accounts:confirm-status",
    "accounts:forget-browser",
    "accounts:keep-secure-resend",
    "accounts:keep-secure-skip",
    "accounts:keep-secure-status",
    "accounts:reset-code-2-resend",
    "accounts:reset-code-2-status",
    "accounts:reset-resend",
    "accounts:review-later",
    "accounts:sign-out-one",
    "accounts:stay",
    "accounts:verify-resend",
    "accounts:verify-status",
    "helpdesk:close",
    "helpdesk:code-resend",
    "helpdesk:code-status",
    "demo:phone",  # shown with the administration
    "demo:phone-json",
    "home",
    "methods:change-resend",
    "methods:change-status",
    "methods:resend",
    "methods:show-in-full",
    "methods:status",
}
FILES = {name for name in tour.report_names() if name.endswith("-csv")}  # to download
LONG = "Wolfeschlegelsteinhausenbergerdorff " + "M" * 60
LONG_POLICY = {
    "organization_name": "Gesellschaft für Donaudampfschifffahrtselektrizitäten AG & Co"[:60],
    "helpdesk_text": f"the {'helpdesk' * 10} of the organization",
    "helpdesk_phone": "+31 20 123 4567 890 1234",
    "helpdesk_email": gallery.LONG_ADDRESS,
    "helpdesk_url": f"https://{'help' * 10}.example.org/{'x' * 100}",
    "helpdesk_hours": "Monday to Thursday 8:00–18:00, Friday 8:00–17:00",
    "privacy_url": "https://example.org/privacy",
    "legal_text": "L" * 300,
    "accent": "#ffcc00",
}


@dataclass(frozen=True)
class Look:
    scheme: str = "light"
    language: str = "en"
    long_names: bool = False
    in_other_looks: bool = False  # each page also in dark, and from right to left


ENGLISH = Look(in_other_looks=True)
DUTCH = Look("dark", "nl", long_names=True)

every_look = pytest.mark.parametrize(
    "look", [ENGLISH, DUTCH], ids=["in English", "dark, in Dutch, with long names"]
)


@pytest.fixture
def complaints():
    """What is wrong with the pages that were looked at; in the end there must be nothing."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def exhibition(look, in_process, settings, make_person, complaints):
    """The gallery in one look; whatever is shown in it is inspected."""
    settings.ROOT_URLCONF = "tests.pages.urls"  # with pages that fail
    if look.long_names:
        OrgPolicy.objects.update(**LONG_POLICY)
    window = in_process(color_scheme=look.scheme, locale=look.language)
    page = window.open()

    def inspect(picture: str) -> None:
        found = browsers.axe(page) + _misfits(page, picture, f"-{look.language}")
        if look.in_other_looks:
            found += _in_other_looks(page, picture)
        complaints.extend(f"{picture}: {each}" for each in dict.fromkeys(found))

    person = partial(make_person, language=look.language)
    yield gallery.Gallery(page, window.home, inspect, person, LONG if look.long_names else "")

    complaints.extend(window.complaints)


@every_look
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_fits(exhibition):
    """Pages 7: nothing that axe finds, nothing that has to be scrolled sideways or is too small."""
    gallery.walk(exhibition)
    proof_gallery.walk(exhibition)
    reset_gallery.reset(exhibition)
    pass_gallery.walk(exhibition)
    helpdesk_gallery.walk(exhibition)

    assert tour.all_page_names() - exhibition.seen == NEVER_SEEN


@every_look
@pytest.mark.django_db(transaction=True)
def test_the_administration_is_accessible_and_fits(exhibition, settings):
    settings.DEMO = True  # its bar is on these pages too

    gallery.demo_phone(exhibition)
    gallery.administration(exhibition)
    policy_gallery.policy(exhibition)
    report_gallery.walk(exhibition)

    assert tour.report_names() - exhibition.seen == FILES


def _in_other_looks(page, picture: str) -> list[str]:
    """The same page in other colors and the other direction: what it says stays the same."""
    page.emulate_media(color_scheme="dark")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    found = browsers.axe(page, runOnly=browsers.SEEN)
    _keep_picture(page, f"{picture}-dark")
    page.emulate_media(color_scheme="light")
    if not picture.startswith("admin"):  # where Django brings a style sheet for it
        page.evaluate("document.documentElement.dir = 'rtl'")
        found += _misfits(page, picture, "-rtl")
        page.evaluate("document.documentElement.dir = 'ltr'")
    return found


def _misfits(page, picture: str, suffix: str = "") -> list[str]:
    found = []
    for width in (measure.SMALL_PHONE, measure.PHONE, measure.DESK):
        measure.resize(page, width)
        found += measure.too_wide(page)
        if width == measure.PHONE and not picture.startswith("admin"):
            found += measure.too_small(page)
        if width != measure.SMALL_PHONE:
            _keep_picture(page, f"{picture}-{width}{suffix}")
    return found


def _keep_picture(page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
