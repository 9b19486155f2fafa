"""People from a file in the administration: upload, look, import; and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts import passwords, tasks
from accounts.import_models import PeopleFile
from accounts.models import Role, Session, User
from securityinfo import uploads
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
IMPORT = "/admin/accounts/user/import/"
HEADER = b"user_name,full_name,work_address\n"
FILE = HEADER + b"nora,Nora New,nora@example.org\nbob,Bobby,bob@example.org\n"
WRONG = HEADER + b"nora,=1,nora@example.org\nolga,,\n"


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


def upload(client, data: bytes = FILE, **options):
    return client.post(IMPORT, {"file": SimpleUploadedFile("people.csv", data)}, **options)


def looked_at(client, data: bytes = FILE) -> tuple[str, str]:
    """The address of the dry run, and the digest in its form."""
    address = upload(client, data)["Location"]
    return address, client.get(address).context["found"].digest


def words_of(response) -> str:
    html = response.content.decode()
    plain = re.sub(r"<[^>]+>", " ", html[html.index('id="content"') :])
    return " ".join(plain.replace("&#x27;", "'").split())


def test_a_file_is_looked_at_and_then_imported(admin, ada, bob):
    address = upload(admin)["Location"]
    page = words_of(admin.get(address))
    assert "New: 1 Changed: 1 Deactivated: 0 As it was: 0" in page
    assert "3 bob Changed full_name : Bob Baker → Bobby" in page
    assert not User.objects.filter(username="nora").exists()

    digest = admin.get(address).context["found"].digest
    response = admin.post(address, {"digest": digest, "confirmed": "Import"}, follow=True)

    assert response.redirect_chain == [(PEOPLE, 302)]
    assert "2 people were imported." in response.content.decode()
    assert User.objects.get(username="nora").full_name == "Nora New"
    assert {each.actor for each in Event.objects.filter(tag__startswith="account.")} == {
        ada.public_id
    }
    assert not PeopleFile.objects.exists()


def test_mistakes_are_listed_and_nothing_can_be_imported(admin):
    address, digest = looked_at(admin, WRONG)

    page = words_of(admin.get(address))

    assert "2 mistakes. Correct them in the file" in page
    assert "2 full_name This begins like a formula of a spreadsheet: =" in page
    assert "3 work_address The work address is missing." in page
    assert 'name="confirmed"' not in admin.get(address).content.decode()
    assert admin.post(address, {"digest": digest, "confirmed": "Import"})["Location"] == address
    assert User.objects.count() == 1


def test_people_who_were_changed_meanwhile_are_looked_at_again(admin, bob):
    address, digest = looked_at(admin)
    User.objects.filter(pk=bob.pk).update(full_name="Robert")

    response = admin.post(address, {"digest": digest, "confirmed": "Import"}, follow=True)

    assert response.redirect_chain == [(address, 302)]
    assert "People were changed meanwhile. Look at it again." in response.content.decode()
    assert not User.objects.filter(username="nora").exists()


def test_who_refuses_to_be_the_last_one_out_is_said(admin, ada, bob):
    ada.groups.clear()
    bob.groups.set(groups_with([Duty.EDIT_POLICY]))
    address, digest = looked_at(admin, b"user_name,active\nbob,no\n")

    response = admin.post(address, {"digest": digest, "confirmed": "Import"}, follow=True)

    assert response.redirect_chain == [(address, 302)]
    page = response.content.decode()
    assert "Line 2: Nobody else can edit the policy." in page
    assert "changed meanwhile" not in page
    assert User.objects.get(pk=bob.pk).is_active


@pytest.mark.parametrize("digest", [{}, {"digest": "-"}, {"digest": ""}])
def test_nothing_is_imported_that_was_not_looked_at(admin, digest):
    address, _ = looked_at(admin)

    admin.post(address, {"confirmed": "Import"} | digest)

    assert User.objects.count() == 1


def test_what_is_no_such_file_is_refused_on_the_page(admin):
    response = upload(admin, b"PK\x03\x04")

    assert response.status_code == 422
    assert "This is a workbook or an archive, not a CSV file." in words_of(response)
    assert admin.post(IMPORT, {}).status_code == 422
    assert not PeopleFile.objects.exists()


def test_a_file_that_is_too_large_is_refused_in_words(admin):
    response = upload(admin, b"x" * (uploads.MOST + 1))

    assert response.status_code == 422
    assert "The file is larger than 2 MB. Split it, or import it on the server." in words_of(
        response
    )


def test_a_request_that_no_page_takes_is_refused_unread(admin):
    """R124: a hundred megabytes; and on every other page two."""
    huge = {"CONTENT_LENGTH": str(100 * 1024 * 1024)}
    assert upload(admin, **huge).status_code == 400
    large = SimpleUploadedFile("logo.png", b"x" * (uploads.MOST + 1))
    assert admin.post("/admin/policy/orgpolicy/1/change/", {"logo": large}).status_code == 400


def test_a_file_that_changes_nothing_has_nothing_to_import(admin, bob):
    address, _ = looked_at(admin, b"user_name\nbob\n")

    page = words_of(admin.get(address))

    assert "There is nothing to import: everybody is as the file says." in page


def test_all_lines_can_be_downloaded(admin, bob):
    """AD4."""
    address, _ = looked_at(admin, FILE + b"eve,@x,eve@example.org\n")

    answer = admin.get(f"{address}lines.csv")

    assert b"".join(answer.streaming_content).decode().splitlines() == [
        "line,user_name,result,column,details",
        "2,nora,new,,",
        "3,bob,changed,full_name,",
        "4,,error,full_name,This begins like a formula of a spreadsheet: @",
    ]
    assert Event.objects.get(tag="export.downloaded").facts["report"] == "import"


def test_a_file_is_kept_encrypted_for_its_administrator_and_for_a_day(
    admin, make_person, signed_in
):
    address, digest = looked_at(admin)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_peoplefile")
        assert "nora" not in cursor.fetchone()[0]
    other = signed_in(make_person("olga", role=Role.ADMINISTRATOR))
    assert other.get(address).status_code == 404
    assert other.post(address, {"digest": digest}).status_code == 404

    tasks.purge()
    assert PeopleFile.objects.exists()
    PeopleFile.objects.update(created_at=Now() - timedelta(hours=25))
    tasks.purge()

    assert not PeopleFile.objects.exists()


def test_another_file_takes_the_place_of_the_first(admin):
    first, _ = looked_at(admin)
    second, _ = looked_at(admin)

    assert admin.get(first).status_code == 404
    assert admin.post(second, {"cancel": "Cancel"})["Location"] == IMPORT
    assert not PeopleFile.objects.exists()


def test_only_who_manages_people_imports_them(bob, carol, signed_in):
    for person in (bob, carol):
        assert signed_in(person).get(IMPORT).status_code in (302, 403, 404)


def test_importing_needs_a_fresh_sign_in(admin):
    """SU6: asked before the file is chosen, for it is not carried over."""
    address, digest = looked_at(admin)
    Session.objects.update(fresh_at=None)

    for response in (
        admin.get(IMPORT),
        upload(admin),
        admin.post(address, {"digest": digest, "confirmed": "Import"}),
    ):
        assert response["Location"].startswith("/confirm/?next=")
    assert User.objects.count() == 1


# --- Start passwords ------------------------------------------------------------------------------


def chosen(*people: User) -> dict:
    return {"action": "give_start_passwords", "_selected_action": [each.pk for each in people]}


@pytest.fixture
def nora(make_person) -> User:
    return make_person("nora", password="!never", must_change_password=True)


def test_start_passwords_are_shown_once_to_those_who_never_had_one(admin, ada, bob, nora):
    """AC2, AC7."""
    before = User.objects.get(pk=bob.pk).password

    response = admin.post(PEOPLE, chosen(bob, nora))

    page = response.content.decode()
    [password] = re.findall(r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}", page)
    nora.refresh_from_db()
    assert passwords.matches(nora, password)
    assert nora.must_change_password
    assert "still has none" not in page
    assert User.objects.get(pk=bob.pk).password == before
    event = Event.objects.get(tag="password.change_required")
    assert (event.actor, event.subject) == (ada.public_id, nora.public_id)
    again = admin.post(PEOPLE, chosen(bob, nora), follow=True).content.decode()
    assert "All of the chosen people have had a password before." in again
    assert password not in again


@pytest.mark.parametrize(
    "state", [{"is_active": False}, {"last_sign_in_at": Now()}, {"password_changed_at": Now()}]
)
def test_nobody_else_is_given_one(admin, nora, state):
    User.objects.filter(pk=nora.pk).update(**state)

    admin.post(PEOPLE, chosen(nora))

    nora.refresh_from_db()
    assert nora.password == "!never"


def test_the_command_writes_them_to_a_file_that_nobody_else_can_read(tmp_path, nora, bob):
    path = tmp_path / "passwords.csv"

    call_command("start_passwords", str(path))

    header, line = path.read_text().splitlines()
    assert header == "user_name,full_name,work_address,start_password"
    assert line.startswith("nora,Nora,nora@example.org,")
    nora.refresh_from_db()
    assert passwords.matches(nora, line.rpartition(",")[2])
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="File exists"):
        call_command("start_passwords", str(path))


def test_the_command_writes_nothing_but_them_to_standard_output(nora, capsys):
    call_command("start_passwords", "-")

    header, line = capsys.readouterr().out.splitlines()
    assert header == "user_name,full_name,work_address,start_password"
    nora.refresh_from_db()
    assert passwords.matches(nora, line.rpartition(",")[2])


def test_the_command_can_be_told_a_group(tmp_path, nora, make_person):
    olga = make_person("olga", password="!never")
    olga.groups.add(Group.objects.create(name="Sales"))

    call_command("start_passwords", str(tmp_path / "p.csv"), "--group", "Sales")

    nora.refresh_from_db()
    assert nora.password == "!never"


# --- The list -------------------------------------------------------------------------------------


def test_people_are_listed_by_group(admin, bob, eve):
    sales = Group.objects.create(name="Sales")
    bob.groups.add(sales)

    page = admin.get(PEOPLE, {"group": sales.pk}).content.decode()

    assert "bob@example.org" in page
    assert "eve@example.org" not in page
    assert "eve@example.org" in admin.get(PEOPLE, {"group": "x"}, follow=True).content.decode()


def test_a_group_with_many_people_has_a_small_page(admin):
    sales = Group.objects.create(name="Sales")
    people = User.objects.bulk_create(
        User(username=f"p{n}", work_address=f"p{n}@example.org") for n in range(300)
    )
    sales.user_set.add(*people)

    admin.get(f"/admin/auth/group/{sales.pk}/change/")  # what is read once
    with CaptureQueriesContext(connection) as captured:
        page = admin.get(f"/admin/auth/group/{sales.pk}/change/").content.decode()

    assert "p299" not in page
    assert len(page) < 30_000
    assert len(captured) < 12
