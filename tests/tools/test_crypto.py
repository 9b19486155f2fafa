"""Codes and fingerprints, and columns that only their own row opens."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import sys
import uuid

import pytest
from django.apps import AppConfig, apps
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.forms import modelform_factory
from django.forms.models import model_to_dict

from securityinfo import crypto

VECTOR_KEY = bytes(range(32))
VECTOR_ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
VECTOR_NONCE = bytes(range(16))

OLD = "old:" + base64.b64encode(bytes(range(32))).decode()
NEW = "new:" + base64.b64encode(bytes(range(1, 33))).decode()
DETAILS = {"address": "bob@example.net", "name": "Zoë"}


class Note(models.Model):  # noqa: DJ008 - nobody reads it
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=20, default="")
    details = crypto.EncryptedJSONField(bound_to="uuid")
    more = crypto.EncryptedJSONField(bound_to="uuid", null=True)

    class Meta:
        app_label = "tools"


@pytest.fixture
def notes(db, monkeypatch):
    """The model's app and table, for as long as the test's transaction."""
    app = AppConfig("tools", sys.modules[__name__])
    app.apps, app.models = apps, apps.all_models["tools"]
    monkeypatch.setitem(apps.app_configs, "tools", app)
    editor = connection.schema_editor(collect_sql=True)
    sql, params = editor.table_sql(Note)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    return Note.objects


def stored(column: str = "details") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM tools_note ORDER BY title")
        return [row[0] for row in cursor.fetchall()]


# --- Codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("generation", "code"), [(0, "719711"), (1, "657044"), (2, "073040"), (3, "189621")]
)
def test_codes_follow_the_published_vector(generation, code):
    """R001"""
    assert crypto.code_from(VECTOR_KEY, VECTOR_ID, VECTOR_NONCE, generation) == code


def test_a_code_depends_on_challenge_nonce_generation_and_key(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    codes = {
        crypto.derived_code(VECTOR_ID, VECTOR_NONCE, 0),
        crypto.derived_code(uuid.UUID(int=1), VECTOR_NONCE, 0),
        crypto.derived_code(VECTOR_ID, bytes(16), 0),
        crypto.derived_code(VECTOR_ID, VECTOR_NONCE, 1),
    }
    settings.ENCRYPTION_KEYS = [NEW]
    codes.add(crypto.derived_code(VECTOR_ID, VECTOR_NONCE, 0))

    assert len(codes) == 5


def test_a_nonce_of_another_length_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        crypto.derived_code(VECTOR_ID, b"short", 0)


# --- Fingerprints and the audit chain -------------------------------------------------------------


def test_a_fingerprint_is_43_characters_and_always_the_same():
    first = crypto.fingerprint("destination", "bob@example.net")

    assert len(first) == 43
    assert first == crypto.fingerprint("destination", "bob@example.net")
    assert "bob" not in first


def test_the_same_value_has_another_fingerprint_under_another_label_or_key(settings):
    fingerprints = {crypto.fingerprint(label, "x") for label in ("destination", "caller")}
    settings.ENCRYPTION_KEYS = [NEW]
    fingerprints.add(crypto.fingerprint("caller", "x"))

    assert len(fingerprints) == 3


def test_label_and_value_cannot_run_into_each_other():
    assert crypto.fingerprint("ab", "c") != crypto.fingerprint("a", "bc")


def test_a_fingerprint_takes_any_text():
    assert crypto.fingerprint("destination", "\ud800") != crypto.fingerprint("destination", "?")


def test_the_audit_chain_can_be_checked_after_a_change_of_keys(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    before, key_id = crypto.audit_mac(b"entry"), crypto.current_key_id()
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    assert crypto.audit_mac(b"entry", key_id=key_id) == before
    assert crypto.audit_mac(b"entry") != before
    with pytest.raises(KeyError):
        crypto.audit_mac(b"entry", key_id="gone")


# --- Sealed columns -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [DETAILS, {}, [], [1, None, "ü"], "text", 0, False])
def test_a_sealed_value_comes_back_as_it_was(notes, value):
    note = notes.create(details=value)

    assert note.details == value
    assert notes.get().details == value


def test_the_database_holds_nothing_readable(notes):
    """R115"""
    notes.create(details=DETAILS)

    (text,) = stored()

    assert text.startswith("aes1.t1.")
    assert "bob" not in text
    assert b"bob" not in base64.urlsafe_b64decode(text.rpartition(".")[2])


def test_the_same_value_never_looks_the_same(notes):
    notes.create(details=DETAILS)
    notes.create(details=DETAILS)

    assert len(set(stored())) == 2


def test_null_stays_null(notes):
    notes.create(details={}, more=None)

    assert stored("more") == [None]
    assert notes.get(more__isnull=True).more is None


def swap(first: Note, second: Note, column: str = "details") -> None:
    one, two = (Note.objects.values_list(column, flat=True).get(pk=n.pk) for n in (first, second))
    Note.objects.filter(pk=first.pk).update(**{column: two})
    Note.objects.filter(pk=second.pk).update(**{column: one})


def test_a_value_moved_to_another_row_does_not_open(notes, caplog):
    """R115"""
    first, second = notes.create(details=DETAILS), notes.create(details={"address": "eve"})
    swap(first, second)

    with pytest.raises(crypto.Damaged):
        _ = notes.get(pk=first.pk).details

    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert "bob" not in caplog.text
    assert "eve" not in caplog.text


def test_a_value_moved_to_another_column_does_not_open(notes):
    """R115"""
    note = notes.create(details=DETAILS)
    sealed = notes.values_list("details", flat=True).get()
    notes.update(more=sealed)

    with pytest.raises(crypto.Damaged):
        _ = notes.get(pk=note.pk).more


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-8] + ("AAAAAAA=" if text[-8:] != "AAAAAAA=" else "BBBBBBB="),
        lambda text: text.replace("aes1", "aes2"),
        lambda text: text.replace(".t1.", ".gone."),
        lambda text: text[:12],
        lambda text: "aes1.t1.",
        lambda text: "",
        lambda text: "{}",
        lambda text: "aes1.t1.ü",
        lambda text: "a.b.c.d",
    ],
)
def test_a_damaged_value_fails_safely(notes, damage):
    """R115"""
    notes.create(details=DETAILS)
    (text,) = stored()
    notes.update(details=crypto.Sealed(damage(text)))

    note = notes.get()

    with pytest.raises(crypto.Damaged):
        _ = note.details


def test_the_damage_stays_with_one_column(notes):
    note = notes.create(details=DETAILS, more="fine")
    notes.update(details=crypto.Sealed("rubbish"))
    note = notes.get()

    note.title = "renamed"
    note.save()

    assert notes.get().more == "fine"
    assert notes.get().title == "renamed"


def test_old_keys_open_and_the_first_key_seals(notes, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    note = notes.create(details=DETAILS)
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    note = notes.get()
    assert note.details == DETAILS
    note.save()

    assert stored()[0].startswith("aes1.new.")
    settings.ENCRYPTION_KEYS = [NEW]
    assert notes.get().details == DETAILS


def test_a_key_that_is_gone_fails_safely(notes, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    notes.create(details=DETAILS)
    settings.ENCRYPTION_KEYS = [NEW]

    with pytest.raises(crypto.Damaged, match="key"):
        _ = notes.get().details


def test_a_value_is_opened_only_when_it_is_read(notes):
    notes.create(details=DETAILS)
    notes.update(details=crypto.Sealed("rubbish"))

    assert notes.get().title == ""


def test_values_stay_closed(notes):
    notes.create(details=DETAILS)

    (row,) = notes.values("details")

    assert repr(row["details"]) == str(row["details"]) == "<Sealed t1>"


def test_a_deferred_value_is_fetched_when_it_is_read(notes):
    notes.create(details=DETAILS)

    assert notes.only("title").get().details == DETAILS
    assert notes.defer("details").get().details == DETAILS
    assert notes.only("details").get().details == DETAILS


def test_refreshing_brings_the_stored_value(notes):
    note = notes.create(details=DETAILS)
    note.details = {"address": "typed"}

    note.refresh_from_db()
    assert note.details == DETAILS

    note.details = None
    note.refresh_from_db(fields=["details"])
    assert note.details == DETAILS


def test_many_rows_are_created_at_once(notes):
    Note.objects.bulk_create([Note(title=str(n), details={"n": n}) for n in range(3)])

    assert [note.details["n"] for note in notes.order_by("title")] == [0, 1, 2]


def test_a_changed_dict_is_saved(notes):
    note = notes.create(details={"tries": 1})

    note.details["tries"] = 2
    note.save(update_fields=["details"])

    assert notes.get().details == {"tries": 2}


def pickled(note: Note) -> Note:
    return pickle.loads(pickle.dumps(note))  # noqa: S301 - our own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("read_before", [True, False])
def test_a_copy_of_an_instance_opens_too(notes, copied, read_before):
    notes.create(details=DETAILS)
    note = notes.get()
    if read_before:
        assert note.details == DETAILS

    assert copied(note).details == DETAILS


def test_a_deep_copy_is_a_copy(notes):
    note = notes.create(details={"tries": 1})

    copy.deepcopy(note).details["tries"] = 2

    assert note.details == {"tries": 1}


def test_an_update_takes_what_was_sealed_for_that_row(notes):
    note = notes.create(details=DETAILS)

    notes.filter(pk=note.pk).update(details=crypto.seal_for(note, "details", {"a": 1}))

    assert notes.get().details == {"a": 1}


def test_an_update_of_a_plain_value_is_refused(notes):
    notes.create(details=DETAILS)

    with pytest.raises(FieldError, match="sealed"):
        notes.update(details={"a": 1})


@pytest.mark.parametrize("lookup", ["details", "details__contains", "details__in"])
def test_a_sealed_column_cannot_be_searched(notes, lookup):
    with pytest.raises(FieldError, match="sealed"):
        notes.filter(**{lookup: ["bob"]}).count()


def test_sealing_before_the_row_has_its_name_is_refused(notes):
    with pytest.raises(ValueError, match="uuid"):
        crypto.seal_for(Note(uuid=None), "details", DETAILS)


def test_no_form_and_no_fixture_shows_what_is_inside(notes):
    note = notes.create(details=DETAILS)

    assert "details" not in model_to_dict(note)
    assert "details" not in modelform_factory(Note, fields="__all__").base_fields
    assert "bob" not in serializers.serialize("json", [note])


def test_migrations_rebuild_the_field_with_its_binding():
    field = Note._meta.get_field("more")
    _name, path, args, kwargs = field.deconstruct()

    assert path == "securityinfo.crypto.EncryptedJSONField"
    assert kwargs == {"null": True, "bound_to": "uuid"}
    assert "EncryptedJSONField(bound_to='uuid', null=True)" in MigrationWriter.serialize(field)[0]
    assert crypto.EncryptedJSONField(*args, **kwargs).bound_to == "uuid"


@pytest.mark.parametrize("bound_to", ["nothing", "id"])
def test_a_field_bound_to_what_comes_too_late_is_an_error(bound_to):
    class Loose(models.Model):  # noqa: DJ008 - nobody reads it
        details = crypto.EncryptedJSONField(bound_to=bound_to)

        class Meta:
            app_label = f"tools_{bound_to}"

    problems = Loose._meta.get_field("details").check()

    assert [problem.id for problem in problems] == ["securityinfo.E002"]
