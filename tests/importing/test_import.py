"""People from a file: what each line may say, what is refused, and what is done (AC2, R124)."""

from __future__ import annotations

import codecs
import io

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.importing import columns, reading, report, writing
from accounts.importing.planning import What
from accounts.models import Role, Session, User
from methods import known
from methods.models import KnownContacts, Registration
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy

pytestmark = pytest.mark.django_db

HEADER = "user_name,full_name,work_address,department"


@pytest.fixture(autouse=True)
def _dutch_numbers(db):
    OrgPolicy.objects.update(home_country="NL", allowed_countries=["NL", "DE"])


def file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines]).encode()


def look(data: bytes, **options) -> report.Report:
    return report.of(data, by=None, **options)


def problems(data: bytes) -> list[tuple[int, str, str]]:
    return [(each.line, str(each.column), each.words) for each in look(data).problems]


def write(data: bytes, **options) -> writing.Done:
    options = {"by": None, "actor": COMMAND_LINE} | options
    return writing.write(reading.text_of(data), **options)


def everything() -> list[dict]:
    models = (User, Event, KnownContacts, Message, Session, User.groups.through)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


# --- What may stand in a line ---------------------------------------------------------------------

FULL = "user_name,work_address,employee_number,groups,language,time_zone,active"
PHONES = "user_name,work_address,mobile_phone,alternate_phone,office_phone,private_address"


@pytest.mark.parametrize(
    ("header", "line", "column", "words"),
    [
        (HEADER, ",Nora New,nora@example.org,", "user_name", "The user name is missing."),
        (HEADER, "nóra,Nora New,nora@example.org,", "user_name", "Use 1 to 150 letters"),
        (HEADER, "nоra,Nora New,nora@example.org,", "user_name", "Use 1 to 150 letters"),
        (HEADER, f"{'n' * 151},Nora,nora@example.org,", "user_name", "Use 1 to 150 letters"),
        (HEADER, "nora,Nora New,,", "work_address", "The work address is missing."),
        (HEADER, "nora,Nora New,nora,", "work_address", "This isn't an email address."),
        (HEADER, "nora,Nora New,nora@exаmple.org,", "work_address", "This isn't an email address."),
        (HEADER, "nora,=HYPERLINK(1),nora@example.org,", "full_name", "begins like a formula"),
        (HEADER, "nora,@SUM(1),nora@example.org,", "full_name", "begins like a formula"),
        (HEADER, "nora,Nora,nora@example.org,-2+3", "department", "begins like a formula"),
        (HEADER, 'nora,"No\nra",nora@example.org,', "full_name", "another sign in it"),
        (HEADER, "nora,No\u202era,nora@example.org,", "full_name", "another sign in it"),
        (HEADER, f"nora,{'N' * 151},nora@example.org,", "full_name", "more than 150 characters"),
        (HEADER, f"nora,{'N' * 1001},nora@example.org,", "full_name", "This is too long."),
        (HEADER, "nora,Nora,nora@example.org", "", "has 3 cells, and the first line names 4"),
        (HEADER, "nora,Nora,nora@example.org,a,b", "", "has 5 cells, and the first line names 4"),
        (HEADER, 'nora,"Nora" New,nora@example.org,', "", "a quotation mark is missing"),
        (FULL, f"nora,nora@example.org,{'1' * 41},,,,", "employee_number", "more than 40"),
        (FULL, "nora,nora@example.org,,Sales|Nobody,,,", "groups", "There is no group Nobody."),
        (FULL, "nora,nora@example.org,,Auditors,,,", "groups", "There is no group Auditors."),
        (FULL, "nora,nora@example.org,,,fr,,", "language", "en, nl"),
        (FULL, "nora,nora@example.org,,,,Mars/Base,", "time_zone", "There is no time zone"),
        (FULL, "nora,nora@example.org,,,,,perhaps", "active", "Write yes or no."),
        (PHONES, "nora,nora@example.org,12,,,", "mobile_phone", "This isn't a phone number."),
        (PHONES, "nora,nora@example.org,020 624 1111,,,", "mobile_phone", "This is a landline"),
        (PHONES, "nora,nora@example.org,+1 201 555 0123,,,", "mobile_phone", "United States"),
        (PHONES, "nora,nora@example.org,,0900 1234,,", "alternate_phone", "No codes are sent"),
        (PHONES, "nora,nora@example.org,,020 6241111 ext. 5,,", "alternate_phone", "extension"),
        (PHONES, "nora,nora@example.org,,,020 6241111 ext. 12345678,", "office_phone", "digits"),
        (PHONES, "nora,nora@example.org,,,,nora@", "private_address", "isn't an email address"),
        (PHONES, "nora,nora@example.org,,,,nora@example.org", "private_address", "work address"),
        (PHONES, "nora,nora@example.org,,,,n@a.example.com", "private_address", "organization"),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_column(ada, header, line, column, words):
    Group.objects.create(name="Sales")
    OrgPolicy.objects.update(organization_domains=["example.com"])
    before = everything()

    found = problems(file(line, header=header))

    assert [(number, name) for number, name, _ in found] == [(2, column)]
    assert words in found[0][2]
    with pytest.raises(writing.Refused):
        write(file(line, header=header))
    assert everything() == before


def test_a_number_without_a_country_needs_a_home_country():
    OrgPolicy.objects.update(home_country="")

    [(_, column, words)] = problems(file("nora,n@example.org,0612345678,,,", header=PHONES))

    assert (column, words) == ("mobile_phone", "Write the number with a + and the country's code.")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("full_name", "The column user_name is missing."),
        ("user_name,role", "remove the column role."),
        ("user_name,is_superuser", "remove the column is_superuser."),
        ("user_name,Password", "remove the column Password."),
        ("user_name,methods", "remove the column methods."),
        ("user_name,shoe size", "There is no column shoe size."),
        ("user_name,User name", "The column user_name is there twice."),
        ("user_name,", "There is no column –."),
    ],
)
def test_columns_that_do_not_exist_or_that_nobody_gets_from_a_file(header, words):
    """AC2: roles and methods."""
    found = problems(file("nora,x", header=header))

    assert any(words in each for _, _, each in found)
    assert {line for line, _, _ in found} == {1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"PK\x03\x04 a workbook", "This is a workbook or an archive"),
        (codecs.BOM_UTF16_LE + "user_name".encode("utf-16-le"), "isn't in UTF-8"),
        ("user_name".encode("utf-16-be"), "isn't in UTF-8"),
        ("user_name\nnora\nJosé".encode("latin-1"), "Line 3 isn't in UTF-8."),
        (b"user_name\n" + b"x" * reading.MOST_BYTES, "larger than 64 MB"),
    ],
)
def test_what_is_no_file_of_people_is_refused_in_words(data, words):
    [(line, _, found)] = problems(data)

    assert line == 0
    assert words in found


def test_more_lines_than_the_most_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_LINES", 2)

    found = problems(file(*(f"p{n},,p{n}@example.org," for n in range(3))))

    assert found == [(0, "", "The file has more than 2 lines. Split it.")]


def test_a_file_that_takes_too_long_is_refused():
    found = look(file("nora,,nora@example.org,"), most_seconds=1e-9)

    assert "takes too long here" in found.problems[0].words


def test_a_file_full_of_mistakes_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(reading, "MOST_PROBLEMS", 3)

    assert look(file(*["x"] * 10)).problem_count == 3


# --- One line against another, and against what is there ------------------------------------------


@pytest.mark.parametrize(
    ("second", "column"),
    [
        ("NORA,,n2@example.org,", "user_name"),
        ("nora2,,Nora@Example.org,", "work_address"),
        ("nora@example.org,,n2@example.org,", "user_name"),
    ],
)
def test_nobody_stands_in_a_file_twice(second, column):
    """Names and addresses are typed into one field (AC4)."""
    found = problems(file("nora,,nora@example.org,", second))

    assert found == [(3, column, "This stands in line 2 already.")]


def test_an_employee_number_belongs_to_one_person(bob):
    User.objects.update(employee_number="e1")
    header = "user_name,work_address,employee_number"
    lines = ("nora,nora@example.org,E1", "olga,olga@example.org,e2", "pia,pia@example.org,E2")

    found = problems(file(*lines, header=header))

    assert found == [
        (2, "employee_number", "Somebody already has this employee number."),
        (4, "employee_number", "This stands in line 3 already."),
    ]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("nora,,BOB@example.org,", "work_address", "Somebody already has this work address."),
        ("nora,,eve,", "work_address", "This isn't an email address."),
        ("bob@example.org,,n@example.org,", "user_name", "Somebody has this user name as work"),
        ("nora,,odd@example.org,", "work_address", "Somebody already has this work address."),
        ("eve,,bob@example.org,", "work_address", "Somebody already has this work address."),
    ],
)
def test_nobody_takes_what_is_somebody_elses(bob, eve, make_person, line, column, words):
    make_person("odd@example.org", work_address="other@example.org")

    [(_, found, said)] = problems(file(line))

    assert found == column
    assert words in said


def test_nobody_deactivates_themselves(ada):
    found = report.of(file("ADA,no", header="user_name,active"), by=ada)

    assert [each.words for each in found.problems] == ["Nobody deactivates their own account."]


def test_the_last_administrator_stays(ada, bob):
    data = file("bob,no", "ada,no", header="user_name,active")
    before = everything()

    with pytest.raises(writing.Refused) as refused:
        write(data)

    assert refused.value.problems[0].line == 3
    assert everything() == before


# --- What is done ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        file("nora,José Ñ,nora@example.org,Sales"),
        codecs.BOM_UTF8 + file("nora,José Ñ,nora@example.org,Sales"),
        file("nora;José Ñ;nora@example.org;Sales", header=HEADER.replace(",", ";")),
        b"sep=;\r\n" + file("nora;José Ñ;nora@example.org;Sales", header=HEADER.replace(",", ";")),
        file("nora\tJosé Ñ\tnora@example.org\tSales", header=HEADER.replace(",", "\t")),
        file("nora,José Ñ,nora@example.org,Sales").replace(b"\n", b"\r\n"),
        file('"nora","José Ñ","nora@example.org","Sales"', "", ",,,"),
        file("nora , José Ñ,Nora@Example.org,Sales", header="Username,Name,Work email,Department"),
        file("nora,José Ñ,nora@example.org,Sales,,", header=HEADER),
        file("nora,Jose\u0301 N\u0303,nora@example.org,Sales"),
    ],
)
def test_a_file_of_any_spelling_makes_an_account(data):
    done = write(data)

    nora = User.objects.get(username="nora")
    assert done.counts == {What.NEW: 1}
    assert (nora.full_name, nora.work_address) == ("José Ñ", "nora@example.org")
    assert (nora.department, nora.role, nora.is_active) == ("Sales", Role.PERSON, True)


def test_somebody_new_cannot_sign_in_before_a_password_is_handed_over():
    write(file("nora,Nora New,nora@example.org,"))

    nora = User.objects.get(username="nora")
    assert not nora.has_usable_password()
    assert nora.must_change_password


def test_what_is_known_beforehand_is_kept_encrypted_and_proves_nothing():
    """K1."""
    line = "nora,nora@example.org,06 12345678,+49 151 23456789,020 624 1111 ext. 5,n@example.net"
    write(file(line, header=PHONES))

    nora = User.objects.get(username="nora")
    assert known.of(nora) == {
        "mobile": {"number": "+31612345678", "extension": ""},
        "alternate": {"number": "+4915123456789", "extension": ""},
        "office": {"number": "+31206241111", "extension": "5"},
        "private": "n@example.net",
    }
    assert not Registration.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT details FROM methods_knowncontacts")
        assert "612345678" not in cursor.fetchone()[0]


def test_a_file_changes_its_own_columns_alone(bob):
    User.objects.update(language="nl", employee_number="7")
    write(file("bob,+31612345678,", header="user_name,mobile_phone,private_address"))
    write(file("bob,b@example.net", header="user_name,private_address"))

    done = write(file("BOB,Bob Baker,bob@example.org,Marketing"))

    bob.refresh_from_db()
    assert done.counts == {What.CHANGED: 1}
    assert (bob.username, bob.department, bob.language) == ("bob", "Marketing", "nl")
    assert known.of(bob)["mobile"]["number"] == "+31612345678"
    assert known.of(bob)["private"] == "b@example.net"


def test_an_empty_cell_takes_away_what_may_be_missing(bob):
    write(file("bob,+31612345678", header="user_name,mobile_phone"))

    write(file("bob,,", header="user_name,department,mobile_phone"))

    bob.refresh_from_db()
    assert bob.department == ""
    assert known.of(bob) == {}
    assert not KnownContacts.objects.exists()


def test_a_file_twice_changes_nothing(bob):
    data = file("bob,Bobby,bob@example.org,Sales", "nora,Nora,nora@example.org,")
    write(data)
    before = everything()

    done = write(data)

    assert done.counts == {What.UNCHANGED: 2}
    assert everything() == before


def test_of_groups_that_look_alike_the_one_that_is_named_counts(bob):
    """Whoever makes groups doesn't decide by a second one whom a file puts where."""
    for name in ("Sales", "SALES", "North"):
        Group.objects.create(name=name)

    write(file("bob,Sales|north", header="user_name,groups"))

    assert {group.name for group in bob.groups.all()} == {"Sales", "North"}
    with pytest.raises(writing.Refused):
        write(file("bob,sales", header="user_name,groups"))


def test_a_first_line_of_commas_says_so_in_a_few_words():
    with pytest.raises(columns.WrongHeader) as refused:
        columns.of_header(["user_name", *[""] * 100_000])

    assert len(refused.value.words) == columns.MOST_PROBLEMS


def test_groups_are_those_of_the_file_and_duties_stay(bob):
    """A file gives no duty and takes none."""
    sales, north = (Group.objects.create(name=name) for name in ("Sales", "North"))
    auditors = Group.objects.get(name="Auditors")
    bob.groups.set([sales, auditors])

    write(file("bob,north", header="user_name,groups"))

    assert set(bob.groups.all()) == {north, auditors}
    write(file("bob,", header="user_name,groups"))
    assert set(bob.groups.all()) == {auditors}


def test_another_work_address_is_told_as_if_by_hand(bob):
    """N16: at both addresses."""
    write(file("bob,bob.baker@example.org", header="user_name,work_address"))

    told = {each.sealed["to"] for each in Message.objects.filter(category="notice")}
    assert told == {"bob@example.org", "bob.baker@example.org"}


def test_a_deactivation_ends_sessions_as_if_by_hand(bob, eve, signed_in):
    """AC5."""
    signed_in(bob)

    done = write(file("bob,no", "eve,yes", header="user_name,active"))

    bob.refresh_from_db()
    assert done.counts == {What.DEACTIVATED: 1, What.UNCHANGED: 1}
    assert not bob.is_active
    assert not Session.objects.of(bob).exists()
    assert Message.objects.filter(user=bob, category="notice").count() == 1


def test_every_account_has_an_event_with_the_batch(bob, eve):
    lines = ("nora,,nora@example.org,x", "bob,Bobby,bob@example.org,", "eve,,e@example.org,")

    done = write(file(*lines))

    events = Event.objects.filter(tag__startswith="account.")
    assert {(each.tag, each.facts["batch"]) for each in events} == {
        ("account.created", str(done.batch)),
        ("account.updated", str(done.batch)),
    }
    fields = {each.subject: each.facts.get("fields") for each in events}
    assert fields[bob.public_id] == ["department", "full_name"]
    assert fields[eve.public_id] == ["department", "full_name", "work_address"]
    assert {each.actor_role for each in events} == {"command line"}


def test_one_line_that_is_wrong_and_nothing_is_done(bob):
    """R124."""
    before = everything()
    lines = [f"p{n},,p{n}@example.org," for n in range(600)]

    with pytest.raises(writing.Refused):
        write(file(*lines, "bob,=1,bob@example.org,"))

    assert everything() == before


def test_what_was_looked_at_is_done_or_nothing(bob):
    data = file("bob,Bobby,bob@example.org,Sales")
    digest = look(data).digest
    User.objects.update(department="Elsewhere")

    with pytest.raises(writing.Refused):
        write(data, expected=digest)

    bob.refresh_from_db()
    assert bob.department == "Elsewhere"
    write(data, expected=look(data).digest)


def test_a_dry_run_writes_nothing(bob):
    before = everything()

    found = look(file("bob,Bobby,bob@example.org,Sales", "nora,,nora@example.org,"))

    assert found.is_usable
    assert found.counts == {What.CHANGED: 1, What.NEW: 1}
    assert [(each.column, each.old, each.new) for each in found.steps[0].changes] == [
        ("full_name", "Bob Baker", "Bobby")
    ]
    assert everything() == before


@pytest.mark.parametrize("people", [10, 490])
def test_a_batch_needs_few_statements_however_many_people(people):
    header = f"{HEADER},groups,mobile_phone"
    Group.objects.create(name="Sales")
    User.objects.bulk_create(
        User(username=f"q{n}", work_address=f"q{n}@example.org") for n in range(people)
    )
    new = [f"p{n},P,p{n}@example.org,,Sales,0612345678" for n in range(5)]
    old = [f"q{n},Q,q{n}@example.org,,Sales,0612345678" for n in range(people)]
    look(file(*old, header=header))

    with CaptureQueriesContext(connection) as captured:
        write(file(*new, *old, header=header))

    assert len(captured) < 40


# --- The command ----------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.csv"


def test_the_command_imports_a_file(path, capsys):
    path.write_bytes(file("nora,Nora,nora@example.org,"))

    call_command("import_people", str(path), "--dry-run")
    assert not User.objects.exists()
    assert "Would import: 1 new, 0 changed, 0 deactivated, 0 unchanged" in capsys.readouterr().out
    call_command("import_people", str(path), "--verbose")

    said = capsys.readouterr().out
    assert "line 2: nora: new" in said
    assert ": 1 new, 0 changed, 0 deactivated, 0 unchanged" in said
    assert User.objects.get().username == "nora"


def test_the_command_reads_standard_input(monkeypatch):
    content = file("nora,Nora,nora@example.org,")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    call_command("import_people", "-")

    assert User.objects.get().username == "nora"


def test_the_command_says_all_that_is_wrong(path, capsys):
    path.write_bytes(file("nora,=1,nora@example.org,", "olga,,,"))

    with pytest.raises(CommandError, match="2 to correct; nothing was imported"):
        call_command("import_people", str(path))

    said = capsys.readouterr().err
    assert "line 2, full_name: This begins like a formula" in said
    assert "line 3, work_address: The work address is missing." in said


def test_the_command_says_who_is_the_last_one(path, ada):
    path.write_bytes(file("ada,no", header="user_name,active"))

    with pytest.raises(CommandError, match="line 2, active: Nobody else can edit the policy"):
        call_command("import_people", str(path))


def test_the_command_needs_a_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_people", str(tmp_path / "none.csv"))
