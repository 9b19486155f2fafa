"""The policy as a file: `manage.py policy export` and `apply`."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from securityinfo.actor import SYSTEM
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy import changes, documents, effects, service
from securityinfo.policy.effects import Affected, Effect
from securityinfo.policy.models import OrgPolicy, PolicyVersion

pytestmark = pytest.mark.django_db


def exported() -> dict:
    said = io.StringIO()
    call_command("policy", "export", stdout=said)
    return json.loads(said.getvalue())


@pytest.fixture
def apply(tmp_path):
    """`apply({…}, "--dry-run")`: what the command says."""

    def run(document, *options: str) -> str:
        file = tmp_path / "policy.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        said = io.StringIO()
        call_command("policy", "apply", str(file), *options, stdout=said)
        return said.getvalue()

    return run


def test_a_document_has_everything_but_the_logo(rules, contractors):
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors])
    OrgPolicy.objects.update(logo=b"\x89PNG\r\n\x1a\n", logo_type="image/png")

    document = exported()

    assert (document["format"], document["version"]) == (1, 2)
    assert document["settings"]["code_tries"] == 5
    assert document["rules"]["post"]["exclude_groups"] == ["Contractors"]
    assert not {"logo", "logo_type"} & document["settings"].keys()
    named = {name for name in changes.snapshot() if "." not in name} - {"logo", "logo_type"}
    assert document["settings"].keys() == named


def test_applying_what_was_exported_changes_nothing(rules, apply):
    assert apply(exported()) == "Nothing is different from the policy as it is.\n"
    assert OrgPolicy.objects.get().version == 1


def test_a_document_is_applied_as_one_version(rules, contractors, apply):
    document = exported()
    document["settings"]["code_tries"] = 7
    document["rules"]["post"] |= {"exclude_groups": ["Contractors"], "maximum": 2}

    said = apply(document, "--reason", "From the repository")

    assert "Tries for a code: 5 → 7" in said
    assert "Post: but not these groups: – → Contractors" in said
    assert said.endswith("Saved as version 2.\n")
    version = PolicyVersion.objects.first()
    assert (version.reason, version.author_role) == ("From the repository", "command line")
    assert service.current().code_tries == 7


def test_what_a_document_does_not_name_stays(rules, apply):
    apply({"format": 1, "settings": {"code_tries": 7}})

    event = Event.objects.get(tag=tags.POLICY_SAVED)
    assert event.facts["changes"] == {"code_tries": [5, 7]}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(rules, apply, monkeypatch):
    lost = Affected("bob", "Bob", frozenset({Effect.NO_SIGN_IN}))
    monkeypatch.setattr(effects, "_finders", [lambda before, after: iter([lost])])

    said = apply({"format": 1, "rules": {"post": {"state": "off"}}}, "--dry-run")

    assert "Post: state: Allowed → Off" in said
    assert "Switching off “Post” leaves 1 person with no method." in said
    assert "Saved" not in said
    assert OrgPolicy.objects.get().version == 1
    assert not Event.objects.exists()


def test_what_weakens_has_to_be_understood(rules, apply):
    """PO3."""
    document = {"format": 1, "settings": {"methods_to_reset": 1}}
    assert "! Whoever holds a person's only method" in apply(document, "--dry-run")

    with pytest.raises(CommandError, match="--understood"):
        apply(document)
    assert service.current().methods_to_reset == 2

    apply(document, "--understood")
    assert service.current().methods_to_reset == 1


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{", "This is not JSON."),
        ("[]", "no policy document"),
        ({"format": 2}, "no policy document"),
        ({"format": 1, "settings": []}, "no policy document"),
        ({"format": 1, "rules": {"post": "off"}}, "no policy document"),
        ({"format": 1, "settings": {"colour": "red"}}, "no “colour” in this policy"),
        ({"format": 1, "rules": {"pigeon": {"state": "off"}}}, "no “pigeon.state” in this"),
        ({"format": 1, "rules": {"post": {"include_groups": ["Nobody"]}}}, "no group “Nobody”"),
        ({"format": 1, "rules": {"post": {"state": "perhaps"}}}, "Post: state: .*perhaps"),
        ({"format": 1, "rules": {"post": {"maximum": 9}}}, "Post: most per person: .*1 to 3"),
        ({"format": 1, "rules": {"post": {"maximum": "many"}}}, "Post: most per person: "),
        ({"format": 1, "settings": {"code_tries": 11}}, "Tries for a code: .*3 to 10"),
        ({"format": 1, "settings": {"code_tries": "many"}}, "Tries for a code: "),
        ({"format": 1, "settings": {"methods_to_register": "many"}}, "Methods to register: "),
        ({"format": 1, "settings": {"code_tries": None}}, "Tries for a code: "),
        ({"format": 1, "settings": {"email_switch": "perhaps"}}, "Email: "),
        ({"format": 1, "settings": {"blocked_words": "word"}}, "Blocked words: "),
        ({"format": 1, "settings": {"reset_for": "friends"}}, "Who may reset: "),
        ({"format": 1, "settings": {"methods_to_register": 1}}, "can't be more than"),
        (
            {"format": 1, "rules": {"post": {"state": "off"}, "app": {"state": "off"}}},
            "Allow at least one method for sign-in.",
        ),
    ],
)
@pytest.mark.parametrize("option", [["--dry-run"], ["--understood"]])
def test_what_the_page_refuses_is_refused_here_too(rules, apply, document, problem, option):
    before = changes.snapshot()

    with pytest.raises(CommandError, match=problem):
        apply(document, *option)

    assert changes.snapshot() == before


def test_the_logo_of_a_document_is_ignored(rules, apply):
    OrgPolicy.objects.update(logo=b"\x89PNG\r\n\x1a\n", logo_type="image/png")

    apply({"format": 1, "settings": {"logo_type": "", "logo": "", "code_tries": 7}})

    assert service.logo() == (b"\x89PNG\r\n\x1a\n", "image/png")


def test_a_document_may_come_from_a_pipe(rules, monkeypatch):
    text = json.dumps({"format": 1, "settings": {"code_tries": 7}})
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    call_command("policy", "apply", "-", stdout=io.StringIO())

    assert service.current().code_tries == 7


def test_a_file_that_is_not_there(rules):
    with pytest.raises(CommandError, match="nowhere.json can't be read"):
        call_command("policy", "apply", "nowhere.json")


def test_a_reason_is_as_long_as_on_the_page(rules, apply):
    with pytest.raises(CommandError, match="at most 200 characters"):
        apply({"format": 1, "settings": {"code_tries": 7}}, "--reason", "x" * 201)


def test_a_document_reads_as_it_was_written(rules, contractors):
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors])

    values = documents.read(documents.exported())

    assert values == {
        name: value
        for name, value in changes.snapshot().items()
        if name not in ("logo", "logo_type")
    }
