"""The policy in the administration: who gets in, what is refused, what is recorded."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.policy import changes, initial, service
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import InitialRule, KindTraits, Purpose, RuleState, Strength
from securityinfo.policy.settings_table import SPECS
from securityinfo.policy.values import Number
from tests.policy.conftest import POST

pytestmark = pytest.mark.django_db

PAGE = "/admin/policy/orgpolicy/1/change/"


class Page(HTMLParser):
    """What a browser would post back, and whatever the content policy forbids."""

    def __init__(self, response):
        super().__init__()
        self.fields = {}
        self.forbidden = []
        self._select = self._textarea = None
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self._note_forbidden(tag, values)
        name = values.get("name")
        kind = values.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in values and self._select:
            self.fields.setdefault(self._select, []).append(values.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = [""]
        elif tag == "input" and name and _is_posted(kind, values):
            unset = "on" if kind == "checkbox" else ""
            self.fields.setdefault(name, []).append(values.get("value", unset))

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        if self._textarea:
            self.fields[self._textarea] = [data.removeprefix("\n")]

    def _note_forbidden(self, tag, values):
        inline = tag == "style" or (tag == "script" and "src" not in values)
        events = [name for name in values if name.startswith("on") or name == "style"]
        elsewhere = [
            values[name]
            for name in ("src", "href")
            if tag in ("script", "link", "img") and re.match(r"(https?:)?//", values.get(name, ""))
        ]
        if inline or events or elsewhere:
            self.forbidden.append((tag, values))


def _is_posted(kind, values):
    if kind in ("checkbox", "radio"):
        return "checked" in values
    return kind not in ("file", "submit")


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


def save_page(client, **values):
    """Post the page as it is shown, with some fields filled in differently; None: not ticked."""
    fields = Page(client.get(PAGE)).fields | {
        name: value if isinstance(value, list) else [value] for name, value in values.items()
    }
    return client.post(PAGE, {name: value for name, value in fields.items() if value != [None]})


def save(client, **values):
    """Post the page and, if nothing is wrong with it, save what it leads to."""
    response = save_page(client, **values)
    if response.status_code != 302 or "/preview/" not in response["Location"]:
        return response
    page = client.get(response["Location"])
    return client.post(response["Location"], Page(page).fields)


def errors(response):
    found = [*response.context["errors"]]
    return " ".join(str(each) for each in found)


# --- The door -------------------------------------------------------------------------------------


def test_visitors_are_sent_to_the_only_sign_in(client):
    """SI7."""
    for address in (PAGE, "/admin/login/"):
        response = client.get(address)

        assert response.status_code == 302
        assert response["Location"].startswith(reverse("accounts:sign-in") + "?next=/admin/")


def test_the_sign_in_page_is_told_where_to_go_on(client):
    response = client.get("/admin/login/", {"next": PAGE})

    assert response["Location"] == f"{reverse('accounts:sign-in')}?next={PAGE}"


@pytest.mark.parametrize("who", ["bob", "carol"])
@pytest.mark.parametrize("address", ["/admin/", PAGE, "/admin/audit/event/", "/admin/auth/group/"])
def test_only_administrators_get_in(who, address, request, signed_in):
    """R106: for agents and people there is no such page; nor are they asked to sign in again."""
    client = signed_in(request.getfixturevalue(who))

    page = client.get(address, follow=True)

    assert page.status_code == 404
    assert "There is no such page." in page.content.decode()


def test_role_and_duty_taken_away_close_the_door(ada, admin):
    type(ada).objects.filter(pk=ada.pk).update(role="person")
    ada.groups.clear()

    assert admin.get(PAGE, follow=True).status_code == 404


@pytest.mark.parametrize("name", ["logout", "password_change", "password_change_done"])
def test_signing_out_and_the_password_have_no_second_place(name, admin):
    assert admin.get(f"/admin/{name}/").status_code == 404


# --- The pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        PAGE,
        "/admin/policy/",
        "/admin/policy/policyversion/",
        "/admin/audit/event/",
        "/admin/audit/event/{event}/change/",
        "/admin/auth/group/",
        "/admin/auth/group/add/",
        "/admin/auth/group/{group}/change/",
        "/admin/auth/group/{group}/delete/",
    ],
)
def test_no_page_needs_anything_inline_or_from_elsewhere(admin, rules, contractors, address, theme):
    """R119."""
    event = log.record(tags.METHOD_REGISTERED, actor=SYSTEM, number=1)
    admin.cookies["theme"] = theme

    response = admin.get(address.format(event=event.pk, group=contractors.pk))

    assert response.status_code == 200
    assert Page(response).forbidden == []
    assert f'class="theme-{theme}' in response.content.decode()
    assert "unsafe-inline" not in response["Content-Security-Policy"]


def test_the_list_of_the_policy_is_the_policy(admin):
    assert admin.get("/admin/policy/orgpolicy/")["Location"] == PAGE


def test_every_setting_is_on_the_page_with_its_range(admin, rules):
    response = admin.get(PAGE)

    fields = response.context["adminform"].form.fields
    shown = {
        name for _, options in response.context["adminform"].fieldsets for name in options["fields"]
    }
    assert set(SPECS) - {"logo_type"} <= shown
    for name, spec in SPECS.items():
        if isinstance(spec, Number):
            assert f"{spec.low} to {spec.high}" in str(fields[name].help_text)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "address", ["/admin/policy/orgpolicy/add/", "/admin/policy/orgpolicy/1/delete/"]
)
def test_there_is_no_second_policy_and_none_less(admin, method, address):
    assert getattr(admin, method)(address).status_code == 403


def test_bulk_actions_delete_no_policy(admin):
    """R107."""
    admin.post("/admin/policy/orgpolicy/", {"action": "delete_selected", "_selected_action": 1})

    assert OrgPolicy.objects.exists()


# --- Saving ---------------------------------------------------------------------------------------


def test_a_saved_page_is_one_version_and_one_event(admin, ada, rules, contractors):
    """PO6: settings, rules and groups together."""
    before = OrgPolicy.objects.get().version

    response = save(
        admin,
        code_tries="7",
        note="Asked by the board",
        **{
            "rules-1-maximum": "2",
            "rules-1-for_reset": None,
            "rules-1-exclude_groups": str(contractors.pk),
        },
    )

    assert response.status_code == 302, errors(response)
    event = Event.objects.get(tag=tags.POLICY_SAVED)
    assert event.policy_version == OrgPolicy.objects.get().version == before + 1
    assert event.actor == ada.public_id
    assert event.request_id
    assert event.facts == {
        "note": "Asked by the board",
        "changes": {
            "code_tries": [5, 7],
            "post.maximum": [1, 2],
            "post.for_reset": [True, False],
            "post.exclude_groups": [[], ["Contractors"]],
        },
    }


def test_saving_a_page_unchanged_changes_nothing(admin, rules):
    before = changes.snapshot()

    response = save(admin)

    assert response.status_code == 302, errors(response)
    assert changes.snapshot() == before
    assert not Event.objects.filter(tag=tags.POLICY_SAVED).exists()


def test_a_saved_page_holds_at_the_next_request(admin, bob, rules):
    """R097."""
    save(admin, **{"rules-1-state": "off"})

    assert not service.current_for(bob).may_register(POST)


@pytest.mark.parametrize(
    "absurd",
    [
        lambda spec: spec.low - 1,
        lambda spec: spec.high + 1,
        lambda spec: 10**30,
        lambda spec: "",
        lambda spec: "many",
    ],
)
def test_absurd_numbers_are_refused_with_their_range(admin, rules, absurd):
    """R097: the form; the row is in test_service."""
    numbers = {name: spec for name, spec in SPECS.items() if isinstance(spec, Number)}

    response = save(admin, **{name: absurd(spec) for name, spec in numbers.items()})

    found = response.context["adminform"].form.errors
    for name, spec in numbers.items():
        assert found[name] == [f"Enter a number from {spec.low} to {spec.high}."]


def test_the_text_for_a_number_out_of_range_is_the_one_on_the_page(admin, rules):
    response = save(admin, review_days="731")

    assert "Enter a number from 0 to 730." in response.content.decode()
    assert OrgPolicy.objects.get().review_days == 180


def test_a_reset_cannot_ask_for_more_than_are_registered(admin, rules):
    """PO3."""
    response = save(admin, methods_to_register="1", methods_to_reset="2")

    assert "Methods needed to reset can&#x27;t be more than methods to register." in (
        response.content.decode()
    )


def test_the_last_of_several_kinds_for_sign_in_cannot_be_switched_off(admin, rules):
    """PO3."""
    response = save(
        admin,
        understood=["nothing_left"],
        **{"rules-0-state": "off", "rules-1-for_sign_in": None},
    )

    assert "Allow at least one method for sign-in." in response.content.decode()
    assert MethodRule.objects.get(kind="app").state == RuleState.RECOMMENDED


def test_the_only_kind_there_is_is_switched_off_after_a_tick(admin, bob):
    """With a single kind installed, its switch is the administrator's only one."""
    initial.ensure_rules([InitialRule(POST, RuleState.ALLOWED)])

    refused = save(admin, **{"rules-0-state": "off"})
    saved = save(admin, understood=["nothing_left"], **{"rules-0-state": "off"})

    assert "No kind of method is left for sign-in" in refused.content.decode()
    assert "I understand" in refused.content.decode()
    assert saved.status_code == 302
    assert not service.current_for(bob).may_register(POST)


@pytest.mark.parametrize(
    ("values", "caution"),
    [
        ({"methods_to_reset": "1"}, "one_to_reset"),
        ({"paid_first_check": "on"}, "paid_first_check"),
        ({"call_key": "hash"}, "bare_hash"),
        ({"password_min_length": "14"}, "short_password"),
        ({"email_switch": None}, "email_off"),
    ],
)
def test_what_weakens_is_saved_after_a_tick_only(admin, rules, values, caution):
    """PO3."""
    refused = save(admin, **values)
    assert refused.status_code == 200
    assert f'value="{caution}"' in refused.content.decode()

    saved = save(admin, understood=[caution], **values)
    again = save(admin, session_hours="23")

    assert saved.status_code == 302, errors(saved)
    assert again.status_code == 302, errors(again)


def test_what_has_to_be_understood_is_no_error(admin, rules):
    """One thing at a time: a caution stands in no red box."""
    page = save(admin, email_switch=None)

    words = page.content.decode()
    assert words.count("Read what this does, tick “I understand”, and save again.") == 1
    assert "errornote" not in words
    assert "errorlist" not in words
    assert OrgPolicy.objects.get().email_switch


def test_errors_come_before_what_has_to_be_understood(admin, rules):
    page = save(admin, email_switch=None, **{"rules-1-maximum": "4"})

    assert "errornote" in page.content.decode()
    assert "I understand" not in page.content.decode()


def test_each_error_is_named_above_and_leads_to_its_field(admin, rules):
    page = save(admin, methods_to_reset="2", methods_to_register="1", **{"rules-1-maximum": "9"})

    words = page.content.decode()
    assert '<a href="#id_methods_to_reset">Methods needed to reset' in words
    assert '<a href="#id_rules-1-maximum">Post: ' in words
    assert 'id="id_methods_to_reset"' in words


def test_the_settings_are_folded_away_except_where_something_is_wrong(admin, rules):
    folded = admin.get(PAGE).content.decode().count("<details>")

    page = save(admin, methods_to_reset="2", methods_to_register="1")

    assert folded == 9
    assert page.content.decode().count("<details>") == 8


def test_the_start_page_names_the_policy_once(admin, rules):
    page = admin.get("/admin/").content.decode()

    assert len(re.findall(r">Policy</a>", page)) == 1


def test_texts_for_people_without_a_stronger_kind_are_saved_after_a_tick(admin, rules, contractors):
    """PO3."""
    text = KindTraits("text", Strength.RESTRICTED, frozenset(Purpose), 2)
    riddle = KindTraits("riddle", Strength.NONE, frozenset({Purpose.RESET}), 1)
    rules["app"].exclude_groups.add(contractors)
    initial.ensure_rules(
        [
            InitialRule(KindTraits("app", Strength.STRONG, frozenset(Purpose), 5)),
            InitialRule(POST),
            InitialRule(text),
            InitialRule(riddle, caution="Riddles can be guessed."),
        ]
    )

    response = save(admin, **{"rules-2-state": "allowed", "rules-3-state": "allowed"})

    assert [each["key"] for each in response.context["cautions"]] == [
        "Riddles can be guessed.",
        "only_restricted",
    ]


def test_a_page_that_somebody_else_has_overtaken_is_refused(admin, rules):
    fields = Page(admin.get(PAGE)).fields
    changes.change_settings(actor=SYSTEM, code_tries=3)

    response = admin.post(PAGE, fields)

    assert "changed by somebody else" in response.content.decode()
    assert OrgPolicy.objects.get().code_tries == 3


def test_lists_are_typed_line_by_line(admin, rules):
    response = save(admin, organization_domains="example.org\n @Example.com \n\n", blocked_words="")

    assert response.status_code == 302, errors(response)
    assert OrgPolicy.objects.get().organization_domains == ["example.org", "example.com"]


def test_a_line_that_does_not_fit_is_named(admin, rules):
    response = save(admin, office_networks="192.0.2.0/24\neverywhere")

    assert "“everywhere” can&#x27;t be used here." in response.content.decode()


def test_the_number_per_person_stays_within_what_the_kind_can(admin, rules):
    response = save(admin, **{"rules-1-maximum": "4"})

    assert "Enter a number from 1 to 3." in response.content.decode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_a_logo_is_kept_as_what_it_is(admin, rules, content, kind):
    response = save(admin, logo_file=SimpleUploadedFile("logo.svg", content, "text/html"))

    assert response.status_code == 302, errors(response)
    assert service.logo() == (content, kind)
    assert service.current().has_logo
    assert content[:4] not in str(Event.objects.get(tag=tags.POLICY_SAVED).facts).encode()


@pytest.mark.parametrize(
    "content", [b"<svg onload='x'/>", b"\x89PNG\r\n\x1a\n" + b"0" * 200 * 1024, b"GIF89a"]
)
def test_other_pictures_are_refused(admin, rules, content):
    response = save(admin, logo_file=SimpleUploadedFile("logo.png", content, "image/png"))

    assert "logo_file" in response.context["adminform"].form.errors
    assert service.logo() is None


def test_a_logo_can_be_removed(admin, rules):
    save(admin, logo_file=SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\n"))

    save(admin, remove_logo="on")

    assert service.logo() is None


def test_a_group_that_the_policy_names_is_not_deleted(admin, rules, contractors):
    """Deleting an excluded group would let its people in."""
    rules["post"].exclude_groups.add(contractors)

    response = admin.post(f"/admin/auth/group/{contractors.pk}/delete/", {"post": "yes"})

    assert response.status_code == 403
    assert Group.objects.filter(pk=contractors.pk).exists()
