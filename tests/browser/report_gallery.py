"""The reports in the administration: full, filtered, empty and refused."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Role, User
from tests.browser.gallery import Gallery

PEOPLE = "reports:people"


def walk(gallery: Gallery) -> None:
    """As an administrator; somebody is in a group and has a method."""
    gallery.become(gallery.person("rita", role=Role.ADMINISTRATOR))
    Group.objects.latest("pk").user_set.add(*User.objects.all())
    gallery.visit(reverse("reports:overview"), "admin-reports")
    gallery.page.locator("summary").first.click()
    gallery.look("admin-reports-meanings")
    gallery.visit(reverse("reports:trial"), "admin-reports-trial")
    gallery.page.locator("[name=channel]").select_option("text")
    with gallery.page.expect_navigation():
        gallery.page.locator("form [type=submit].default").click()
    gallery.look("admin-reports-trial-refused")
    gallery.visit(reverse("admin:audit_event_changelist") + "?person=nobody", "admin-audit-nobody")
    people = reverse(PEOPLE)
    gallery.visit(people, "admin-reports-people")
    gallery.visit(f"{people}?short=yes&sort=-full_name", "admin-reports-people-filtered")
    gallery.visit(f"{people}?q=nobody", "admin-reports-people-nobody")
    for name in ("recent", "over-time", "delivery"):
        address = reverse(f"reports:{name}")
        gallery.visit(address, f"admin-reports-{name}")
        gallery.visit(f"{address}?since=x&by=x&last=x", f"admin-reports-{name}-refused")
    gallery.visit(reverse("reports:recent") + "?until=2002-01-01", "admin-reports-recent-nothing")
    gallery.visit(f"{people}?role=king&changed_from=x", "admin-reports-people-refused")
