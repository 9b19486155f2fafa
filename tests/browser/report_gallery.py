"""The reports in the administration: full, filtered, empty and refused."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from tests.browser.gallery import Gallery

PEOPLE = "reports:people"


def walk(gallery: Gallery) -> None:
    """As the administrator who is signed in; somebody is in a group and has a method."""
    Group.objects.latest("pk").user_set.add(*User.objects.all())
    gallery.visit(reverse("reports:overview"), "admin-reports")
    gallery.page.locator("summary").first.click()
    gallery.look("admin-reports-meanings")
    people = reverse(PEOPLE)
    gallery.visit(people, "admin-reports-people")
    gallery.visit(f"{people}?short=yes&sort=-full_name", "admin-reports-people-filtered")
    gallery.visit(f"{people}?q=nobody", "admin-reports-people-nobody")
    gallery.visit(f"{people}?role=king&changed_from=x", "admin-reports-people-refused")
