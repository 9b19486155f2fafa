"""Every page in every state: accessible in each theme and direction, and never cut off."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from accounts.models import User
from securityinfo.policy.models import OrgPolicy
from tests.browser import gallery, measure
from tests.servers import browser as browsers

# `GALLERY=folder pytest tests/browser/test_gallery.py` keeps a picture of everything.
PICTURES = os.environ.get("GALLERY", "")
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
    right_to_left: bool = False
    administration: bool = True
    long_names: bool = False


LOOKS = {
    "light": Look(),
    "dark, in Dutch, with long names": Look("dark", "nl", long_names=True),
    "right to left": Look(right_to_left=True, administration=False),
}


@pytest.fixture
def settings_of_gallery(settings):
    settings.ROOT_URLCONF = "tests.pages.urls"  # with pages that fail
    return settings


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_page_is_accessible_and_fits(look, in_process, settings_of_gallery, make_person):
    """Pages 7: nothing that axe finds, nothing that has to be scrolled sideways or is too small."""
    complaints = []
    if look.right_to_left:
        settings_of_gallery.LANGUAGES_BIDI = ["en"]
    if look.long_names:
        OrgPolicy.objects.update(**LONG_POLICY)
    window = in_process(color_scheme=look.scheme, locale=look.language)
    page = window.open()

    def inspect(picture: str) -> None:
        found = []
        for width in (measure.SMALL_PHONE, measure.PHONE, measure.DESK):
            measure.resize(page, width)
            found += measure.too_wide(page)
            if width == measure.PHONE and not picture.startswith("admin"):
                found += measure.too_small(page)
            if PICTURES and width != measure.SMALL_PHONE:
                _keep_picture(page, look, f"{picture}-{width}")
        found += browsers.axe(page)
        complaints.extend(f"{picture}: {each}" for each in dict.fromkeys(found))

    walk = gallery.Gallery(
        page, window.home, inspect, make_person, suffix=LONG if look.long_names else ""
    )
    page.goto("/sign-in/")
    User.objects.update(language=look.language)
    gallery.walk(walk)
    settings_of_gallery.DEMO = True  # its bar is on every page from here on
    gallery.demo_phone(walk)
    if look.administration:
        gallery.administration(walk)

    complaints += window.complaints
    assert not complaints, "\n".join(complaints)


def _keep_picture(page, look: Look, name: str) -> None:
    assert django_settings.TESTING
    folder = Path(PICTURES) / f"{look.scheme}-{look.language}{'-rtl' * look.right_to_left}"
    page.screenshot(path=folder / f"{name}.png", full_page=True)
