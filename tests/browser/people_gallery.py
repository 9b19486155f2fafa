"""The pages of importing people, as the gallery shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.models import User

if TYPE_CHECKING:
    from tests.browser.gallery import Gallery

FILE = "user_name,full_name,work_address,department\n"


def imports(gallery: Gallery) -> None:
    page = gallery.page
    gallery.visit(reverse("admin:accounts_user_import"), "admin-import")
    choose(gallery, "", "admin-import-refused")
    choose(gallery, f"{FILE}nora,=1,nora@example.org,\nolga,,,x\n", "admin-import-mistakes")
    gallery.press("[name=cancel]", "admin-import-again")
    nora, eric = (f"{name} {gallery.suffix}"[:150] for name in ("Nora", "Eric"))
    lines = f"nora,{nora},nora@example.org,Sales\neric,{eric},eric@example.org,North\n"
    choose(gallery, f"{FILE}{lines}", "admin-import-look")
    gallery.press("[name=confirmed]", "admin-imported")
    page.locator("tr:has-text('nora') [name=_selected_action]").check()
    page.locator("[name=action]").select_option("give_start_passwords")
    gallery.press(".actions button", "admin-start-passwords")
    nobody = User.objects.filter(username="nora")
    nobody.update(is_active=False)
    gallery.visit(reverse("admin:accounts_user_delete", args=[nobody.get().pk]), "admin-erase")
    gallery.press("[type=submit].default", "admin-erased")


def choose(gallery: Gallery, text: str, picture: str) -> None:
    gallery.page.goto(reverse("admin:accounts_user_import"))
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}
    gallery.page.locator("[name=file]").set_input_files(file)
    gallery.press("[type=submit].default", picture)
