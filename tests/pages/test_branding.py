from __future__ import annotations

import pytest
from django.urls import reverse

from securityinfo.policy.models import OrgPolicy

pytestmark = pytest.mark.django_db


def page(client) -> str:
    return client.get(reverse("accounts:sign-in")).content.decode()


def test_the_color_of_the_house_needs_no_second_stylesheet(client):
    assert reverse("branding:accent") not in page(client)


def test_another_color_is_another_address_that_may_be_kept(client):
    OrgPolicy.objects.update(accent="#8A2BE2")

    answer = client.get(reverse("branding:accent") + "?v=8a2be2")

    assert reverse("branding:accent") + "?v=8a2be2" in page(client)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"--accent: light-dark(#8a2be2," in answer.content


@pytest.mark.parametrize("version", ["", "?v=000000", "?v=x"])
def test_an_old_address_gives_the_color_of_today_and_is_not_kept(client, version):
    answer = client.get(reverse("branding:accent") + version)

    assert b"light-dark(#17588f," in answer.content
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_name_stands_where_no_logo_is(client):
    OrgPolicy.objects.update(organization_name="Acme <b>")

    assert client.get(reverse("branding:logo")).status_code == 404
    assert "<b>" not in page(client).partition("<body")[2]


def test_the_logo_has_the_name_as_its_text(client):
    OrgPolicy.objects.update(logo=b"RIFFxxxxWEBP", logo_type="image/webp", organization_name="Acme")

    answer = client.get(reverse("branding:logo"))

    assert answer.content == b"RIFFxxxxWEBP"
    assert answer.headers["Content-Type"] == "image/webp"
    assert 'alt="Acme"' in page(client)
