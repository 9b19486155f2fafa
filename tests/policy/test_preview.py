"""PO5: nothing is saved that nobody has looked at; and what the preview says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import duties
from accounts.models import Role, Session
from methods.models import Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.policy import changes, effect_words, effects, service, tasks
from securityinfo.policy.effects import Affected, Effect, Impact
from securityinfo.policy.models import MethodRule, OrgPolicy, PolicyVersion, Proposal
from tests import kinds
from tests.policy.test_admin import PAGE, Page, save_page

NO_PROPOSAL = "7ac63f2e-8157-4d28-9fa9-779815226e54"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


@pytest.fixture
def hits(monkeypatch):
    """`hits(3)`: so many people are hit by whatever changes."""

    def hit(number: int, *effects_of: Effect) -> None:
        found = frozenset(effects_of or [Effect.NO_SIGN_IN])
        people = [Affected(f"p{n:03}", f"Person {n}", found) for n in range(number)]
        monkeypatch.setattr(effects, "_finders", [lambda before, after: iter(people)])

    hit(0)
    return hit


def words_of(response) -> str:
    return " ".join(response.content.decode().split())


def post(client, address: str, **values):
    """The form of the preview, as it is shown; None: not sent."""
    return post_shown(client, address, client.get(address), **values)


def post_shown(client, address: str, page, **values):
    fields = Page(page).fields | {name: [value] for name, value in values.items()}
    return client.post(address, fields, follow=True)


def test_the_page_leads_to_the_preview_and_saves_nothing(admin, rules, hits):
    response = save_page(admin, code_tries="7", note="Ticket 7")

    assert "/preview/" in response["Location"]
    assert OrgPolicy.objects.get().code_tries == 5
    assert not PolicyVersion.objects.exists()
    words = words_of(admin.get(response["Location"]))
    assert '<th scope="row">Tries for a code</th> <td>5</td> <td>7</td>' in words
    assert "Nobody loses anything." in words


def test_saving_it_makes_the_version(admin, ada, rules, hits):
    address = save_page(admin, code_tries="7", note="Ticket 7")["Location"]

    answer = post(admin, address)

    assert "The policy was saved. It is version 2 and holds at once." in words_of(answer)
    version = PolicyVersion.objects.first()
    assert (version.reason, version.author) == ("Ticket 7", ada.public_id)
    assert service.current().code_tries == 7
    assert not Proposal.objects.exists()


def test_sending_it_twice_saves_once(admin, rules, hits):
    address = save_page(admin, code_tries="7")["Location"]
    page = admin.get(address)
    post_shown(admin, address, page)

    again = post_shown(admin, address, page)

    assert again.status_code == 404
    assert PolicyVersion.objects.count() == 2


def test_looking_is_an_event_with_the_numbers(admin, ada, rules, hits):
    hits(3, Effect.NO_RESET, Effect.LOSES_METHOD)

    admin.get(save_page(admin, code_tries="7")["Location"])

    event = Event.objects.get(tag=tags.POLICY_PREVIEWED)
    assert (event.actor, event.policy_version) == (ada.public_id, 1)
    assert event.facts["changes"] == {"code_tries": [5, 7]}
    assert event.facts["people"] == {"no_reset": 3, "loses_method": 3}


def test_the_sentences_and_the_names(admin, rules, hits):
    hits(60, Effect.NO_SIGN_IN, Effect.TOO_FEW)

    words = words_of(admin.get(save_page(admin, **{"rules-1-state": "off"})["Location"]))

    assert "Switching off “Post” leaves 60 people with no method." in words
    assert "60 more people will have fewer methods than required." in words
    assert "The first 50:" in words
    assert words.count("<li> Person ") == 50
    assert "no method to sign in with, fewer methods than required" in words


def test_the_largest_effect_comes_first(rules):
    impact = Impact()
    impact.counts.update({Effect.NO_RESET: 2, Effect.ASKED: 12, Effect.OTHER_DEFAULT: 1})

    assert effect_words.sentences(impact, {"code_tries": [5, 7]}) == [
        "12 more people will be asked to register a method.",
        "2 people can no longer reset their password.",
        "1 person will be asked for another method at sign-in.",
    ]


def test_all_people_are_downloaded(admin, ada, rules, hits):
    """AD4: and that is an event."""
    hits(60, Effect.NO_RESET)
    address = save_page(admin, code_tries="7")["Location"]

    answer = admin.get(f"{address}people.csv")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == (
        "user_name,full_name,no_sign_in,no_reset,loses_method,too_few,other_default,asked"
    )
    assert lines[1] == "p000,Person 0,no,yes,no,no,no,no"
    assert len(lines) == 61
    event = Event.objects.get(tag=tags.EXPORT_DOWNLOADED)
    assert (event.actor, event.facts["report"]) == (ada.public_id, "policy-preview")


def test_what_somebody_else_changed_is_looked_at_first(admin, rules, hits):
    address = save_page(admin, code_tries="7")["Location"]
    page = admin.get(address)
    changes.change_settings(actor=SYSTEM, session_hours=23)

    refused = post_shown(admin, address, page)

    assert "The policy was changed by somebody else. Look at the preview again." in (
        words_of(refused)
    )
    assert service.current().code_tries == 5
    post(admin, address)
    assert (service.current().code_tries, service.current().session_hours) == (7, 23)


def test_more_people_than_were_seen_are_looked_at_first(admin, rules, hits):
    hits(2)
    address = save_page(admin, code_tries="7")["Location"]
    page = admin.get(address)
    hits(3)

    refused = post_shown(admin, address, page)

    assert "More people are affected by now. Look at the preview again." in words_of(refused)
    assert service.current().code_tries == 5
    post(admin, address)
    assert service.current().code_tries == 7


def test_fewer_people_than_were_seen_are_no_reason_to_look_again(admin, rules, hits):
    hits(2)
    address = save_page(admin, code_tries="7")["Location"]
    page = admin.get(address)
    hits(1)

    post_shown(admin, address, page)

    assert service.current().code_tries == 7


@pytest.mark.parametrize("seen", ["", "no_sign_in", "no_sign_in=many", "x=99 no_sign_in=-4"])
def test_numbers_that_nobody_has_shown_count_as_none(seen):
    impact = Impact()
    impact.counts[Effect.NO_SIGN_IN] = 1

    assert impact.is_worse_than(seen)
    assert not impact.is_worse_than(impact.as_seen)


def test_a_change_that_no_longer_fits_is_not_saved(admin, rules, hits):
    """PO3: somebody else has changed what it depends on."""
    address = save_page(
        admin, methods_to_register="1", methods_to_reset="1", understood=["one_to_reset"]
    )["Location"]
    changes.change_settings(actor=SYSTEM, methods_to_reset=1)
    Proposal.objects.update(changes={"methods_to_register": 1, "methods_to_reset": 2})

    page = words_of(admin.get(address))
    post(admin, address)

    assert "This can't be saved." in page
    assert "Save policy" not in page
    assert "Methods needed to reset can&#x27;t be more than methods to register." in page
    assert service.current().methods_to_register == 2


def test_a_group_that_is_gone_meanwhile_stops_it(admin, rules, hits, contractors):
    address = save_page(admin, **{"rules-1-exclude_groups": str(contractors.pk)})["Location"]
    page = admin.get(address)
    contractors.delete()

    answer = post_shown(admin, address, page)

    assert "There is no group “Contractors”." in words_of(answer)
    assert OrgPolicy.objects.get().version == 1


def test_a_new_logo_is_kept_until_it_is_saved(admin, rules, hits):
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 100

    address = save_page(admin, logo_file=SimpleUploadedFile("logo.png", picture))["Location"]
    assert service.logo() is None
    post(admin, address)

    assert service.logo() == (picture, "image/png")


# --- Whose it is ----------------------------------------------------------------------------------


def test_a_preview_is_its_authors(admin, rules, make_person, signed_in, hits):
    address = save_page(admin, code_tries="7")["Location"]
    otto = make_person("otto", role=Role.ADMINISTRATOR)
    duties.give(otto, [Duty.EDIT_POLICY])
    other = signed_in(otto)

    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert other.get(f"{address}people.csv").status_code == 404


@pytest.mark.parametrize("page", ["", "people.csv"])
def test_a_preview_needs_a_fresh_proof(admin, rules, hits, page):
    """SU6: and afterwards it is there again."""
    address = save_page(admin, code_tries="7")["Location"]
    Session.objects.update(fresh_at=None)

    answers = [admin.get(address + page), admin.post(address + page)]

    for answer in answers:
        assert answer["Location"].startswith(
            "/confirm/?next=%2Fadmin%2Fpolicy%2Forgpolicy%2Fpreview"
        )
    assert service.current().code_tries == 5


def test_one_that_was_never_made_is_not_there(admin, rules):
    assert admin.get(f"/admin/policy/orgpolicy/preview/{NO_PROPOSAL}/").status_code == 404


def test_what_nobody_came_back_to_is_forgotten_after_a_day(admin, rules, hits):
    save_page(admin, code_tries="7")
    tasks.retire_audit()
    assert Proposal.objects.count() == 1
    Proposal.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))

    tasks.retire_audit()

    assert not Proposal.objects.exists()


def test_an_editor_who_sees_no_people_sees_numbers(make_person, rules, signed_in, hits):
    editor = make_person("edda")
    duties.give(editor, [Duty.EDIT_POLICY])
    client = signed_in(editor)
    hits(3)

    address = save_page(client, code_tries="7")["Location"]
    words = words_of(client.get(address))

    assert "3 people are left with no method to sign in with." in words
    assert "Who they are is shown to administrators and auditors." in words
    assert "Person 1" not in words
    assert client.get(f"{address}people.csv").status_code == 403


def test_who_only_reads_the_policy_changes_nothing(make_person, rules, signed_in):
    changes.change_settings(actor=SYSTEM, code_tries=7)
    auditor = make_person("otto")
    duties.give(auditor, [Duty.READ_AND_AUDIT])
    client = signed_in(auditor)
    version = f"/admin/policy/policyversion/{PolicyVersion.objects.first().pk}/change/"

    assert "Preview" not in words_of(client.get(PAGE))
    assert "Go back to this version" not in words_of(client.get(version))
    assert restore(client, 1).status_code == 403
    own = Proposal.objects.create(author=auditor.public_id, changes={"code_tries": 8})
    assert client.post(f"/admin/policy/orgpolicy/preview/{own.pk}/").status_code == 403


# --- Back -----------------------------------------------------------------------------------------


def test_back_leads_to_the_page_with_everything_as_it_was_entered(admin, rules, hits, contractors):
    address = save_page(
        admin,
        code_tries="7",
        note="Ticket 7",
        reset_for="groups",
        reset_groups=str(contractors.pk),
        **{
            "rules-1-state": "off",
            "rules-1-maximum": "2",
            "rules-0-exclude_groups": str(contractors.pk),
        },
    )["Location"]
    back = f"{PAGE}?proposal={address.split('/')[-2]}"
    assert back in words_of(admin.get(address))

    fields = Page(admin.get(back)).fields

    assert fields["code_tries"] == ["7"]
    assert fields["note"] == ["Ticket 7"]
    assert fields["reset_groups"] == [str(contractors.pk)]
    assert fields["rules-1-state"] == ["off"]
    assert fields["rules-1-maximum"] == ["2"]
    assert fields["rules-0-exclude_groups"] == [str(contractors.pk)]
    again = admin.post(back, fields)
    assert words_of(admin.get(again["Location"])).count("<td>") == 2 * 6


@pytest.mark.parametrize("key", ["nothing", NO_PROPOSAL, "", "'--"])
def test_back_to_nothing_is_the_policy_as_it_is(admin, rules, key):
    answer = admin.get(PAGE, {"proposal": key})

    assert answer.status_code == 200
    assert Page(answer).fields["code_tries"] == ["5"]


# --- Back to a version ----------------------------------------------------------------------------


def restore(client, number: int):
    return client.post(f"/admin/policy/policyversion/{number}/restore/")


def test_going_back_to_a_version_is_looked_at_and_is_a_version(
    admin, ada, rules, hits, contractors
):
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors], maximum=2)
    changes.change_settings(actor=SYSTEM, code_tries=7)

    address = restore(admin, 1)["Location"]
    words = words_of(admin.get(address))
    answer = post(admin, address)

    assert "Back to version 1. The logo stays as it is." in words
    assert "It is version 4" in words_of(answer)
    assert PolicyVersion.objects.first().state == PolicyVersion.objects.last().state
    assert PolicyVersion.objects.first().restores == 1
    event = Event.objects.get(tag=tags.POLICY_REVERTED)
    assert (event.actor, event.policy_version) == (ada.public_id, 4)
    assert event.facts["restores"] == 1
    assert event.facts["changes"]["code_tries"] == [7, 5]


def test_going_back_to_what_holds_changes_nothing(admin, rules):
    changes.change_settings(actor=SYSTEM, code_tries=7)

    answer = admin.post("/admin/policy/policyversion/2/restore/", follow=True)

    assert "The policy is already as it was in version 2." in words_of(answer)
    assert not Proposal.objects.exists()


def test_a_version_that_names_a_group_that_is_gone_is_not_gone_back_to(admin, rules, contractors):
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors])
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[])
    contractors.delete()

    answer = admin.post("/admin/policy/policyversion/2/restore/", follow=True)

    assert "There is no group “Contractors”." in words_of(answer)


def test_what_this_release_does_not_know_is_left_out(admin, rules, hits):
    changes.change_settings(actor=SYSTEM, code_tries=7)
    first = PolicyVersion.objects.last()
    first.state |= {"old_setting": 1, "pigeon.state": "allowed", "logo": "abc"}
    first.save()

    post(admin, restore(admin, 1)["Location"])

    assert service.current().code_tries == 5


def test_going_back_to_what_weakens_has_to_be_understood(admin, rules, hits):
    """PO3, though no form was filled in."""
    changes.change_settings(actor=SYSTEM, methods_to_reset=1)
    changes.change_settings(actor=SYSTEM, methods_to_reset=2)
    address = restore(admin, 2)["Location"]

    refused = post(admin, address)
    assert "Read what this does, tick “I understand”, and save again." in words_of(refused)
    assert service.current().methods_to_reset == 2

    post(admin, address, understood="one_to_reset")
    assert service.current().methods_to_reset == 1


def test_only_a_post_goes_back(admin, rules):
    changes.change_settings(actor=SYSTEM, code_tries=7)

    admin.get("/admin/policy/policyversion/1/restore/")

    assert not Proposal.objects.exists()
    assert restore(admin, 99).status_code == 404


# --- With real people -----------------------------------------------------------------------------


def test_what_the_preview_says_of_bob_comes_true(admin, bob, registered):
    for kind in ("email", "authenticator"):
        kinds.allow(kind)
    registered("email")
    number = [*MethodRule.objects.installed().values_list("kind", flat=True)].index("email")

    address = save_page(admin, **{f"rules-{number}-state": "off"})["Location"]
    words = words_of(admin.get(address))
    post(admin, address)

    assert "Switching off “Email” leaves 1 person with no method." in words
    assert "Bob Baker" in words
    assert not service.current_for(bob).may_register(Registration.objects.get().method.traits)


def test_the_preview_asks_no_more_for_more_people(
    admin, rules, make_person, django_assert_max_num_queries
):
    for number in range(30):
        make_person(f"person{number:03}")
    address = save_page(admin, code_tries="7")["Location"]
    admin.get(address)

    with django_assert_max_num_queries(24):
        admin.get(address)
