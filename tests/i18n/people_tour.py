"""The tour of importing people: every mistake, and a file that is imported."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import User
from tests.i18n.visitor import Visitor

MISTAKES = b"""user_name,full_name,work_address,groups,language,time_zone,active,mobile_phone
,=1,x,Nowhere,xx,Mars,perhaps,12
x,a,b,c
"""
# The names stand on the demo's pages anyway, in no language.
HEADER = b"user_name,work_address,department\n"
FILE = HEADER + b"Finance,finance@example.org,\nbob,bob@example.org,Finance\n"


def import_people(visitor: Visitor) -> None:
    page = reverse("admin:accounts_user_import")
    visitor.get(page)
    for data in (b"", b"PK\x03\x04", b"\xff\xfe", MISTAKES, b"user_name,role,x\n", FILE):
        visitor.post(page, file=SimpleUploadedFile("people.csv", data))
    looked_at = visitor.page
    visitor.post(looked_at.request["PATH_INFO"], digest=looked_at.context["found"].digest)
    finance = str(User.objects.get(username="Finance").pk)
    people = reverse("admin:accounts_user_changelist")
    for _ in range(2):
        visitor.post(people, action="give_start_passwords", _selected_action=finance)
    delete = reverse("admin:accounts_user_delete", args=[finance])
    visitor.get(delete)
    visitor.post(people, action="deactivate", _selected_action=finance)
    visitor.get(delete)
    visitor.post(delete)
