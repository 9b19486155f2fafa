"""What a stranger can make the server keep, read or compute: little, and nothing without limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Session, User
from methods.kinds.email.address import InvalidAddress, canonical
from tests import stopwatch
from tests.pages import crawl

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


def test_a_visitor_leaves_no_session_behind(client: Client) -> None:
    """By looking at pages, by signing out of nothing, by choosing colors, by wrong passwords."""
    crawl.crawl(client)
    client.post(reverse("accounts:sign-out"))
    client.post(reverse("preferences:theme"), {"theme": "dark"})
    client.post(reverse("preferences:language"), {"language": "nl"})
    client.post(reverse("accounts:sign-in"), {"name": "nobody", "password": "wrong"})
    client.post(reverse("accounts:keep-secure-skip"))
    client.post(reverse("accounts:confirm"), {"password": "wrong"})

    assert not Session.objects.exists()
    assert "session" not in client.cookies


def test_an_invented_session_leaves_none_either(client: Client) -> None:
    client.cookies["session"] = "a" * 32

    client.post(reverse("accounts:sign-out"))

    assert not Session.objects.exists()


def test_who_signs_out_is_told_so(signed_in, bob: User) -> None:
    answer = signed_in(bob).post(reverse("accounts:sign-out"), follow=True)

    assert "You&#x27;re signed out." in answer.content.decode()


def test_a_stranger_cannot_fill_the_disk(client: Client, tmp_path: Path, settings) -> None:
    """No form of a visitor has a file; a large one is refused before it is read."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    large = SimpleUploadedFile("large.bin", b"x" * (3 * MEGABYTE))

    answer = client.post(reverse("accounts:sign-in"), {"name": "x", "file": large})

    assert answer.status_code == 400
    assert not list(tmp_path.iterdir())


def test_no_upload_is_ever_written_to_disk(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    small = SimpleUploadedFile("logo.png", b"x" * 200 * 1024)
    request = RequestFactory().post("/", {"logo_file": small})

    assert request.FILES["logo_file"].size == 200 * 1024
    assert not hasattr(request.FILES["logo_file"], "temporary_file_path")


def test_a_form_of_half_a_megabyte_is_refused(client: Client) -> None:
    answer = client.post(reverse("accounts:sign-in"), {"name": "x" * (MEGABYTE // 2)})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "typed",
    [
        "\ufdfa" * 100_000 + "@example.net",
        "a@" + "\u00e4" * 100_000 + ".net",
        "a@" + "a." * 100_000,
    ],
    ids=["a letter that becomes eighteen", "a domain of umlauts", "a domain of a thousand parts"],
)
def test_an_address_of_any_length_is_refused_at_once(typed: str) -> None:
    """R011's 50 ms, for addresses."""
    with stopwatch.at_most(0.05), pytest.raises(InvalidAddress):
        canonical(typed)
