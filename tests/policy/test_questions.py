"""Which security questions are offered, as administrators decide it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from methods import registry
from securityinfo.actor import SYSTEM
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy import changes, layout, service
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Settings
from tests import kinds
from tests.policy.test_admin import PAGE, errors, save

pytestmark = pytest.mark.django_db

CAUTION = "Answers can often be guessed or found. Prefer another method."
BUILT_IN = [name for name, _ in layout.OFFERED["questions_off"]]


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


@pytest.fixture
def member_page(bob, signed_in):
    """The page on which a member chooses questions."""
    kinds.allow("questions")
    browser = signed_in(bob)
    return lambda: browser.get("/security-info/add/questions/").content.decode()


def rule_number(kind: str) -> int:
    return list(MethodRule.objects.installed().values_list("kind", flat=True)).index(kind)


def test_switching_them_on_shows_a_warning_that_has_to_be_ticked(admin):
    """QU1, PO3: it names the standard that forbids them."""
    state = {f"rules-{rule_number('questions')}-state": "allowed"}

    refused = save(admin, **state)
    (caution,) = refused.context["cautions"]
    saved = save(admin, **state, understood=[caution["key"]])

    assert caution["text"].startswith(CAUTION)
    assert "ASVS 6.4.2" in caution["text"]
    assert saved.status_code == 302, errors(saved)
    assert MethodRule.objects.get(kind="questions").state == "allowed"


def test_what_is_on_already_is_no_new_warning(admin):
    kinds.allow("questions")

    assert save(admin, session_hours="23").status_code == 302


def test_built_in_questions_stand_on_the_page_as_boxes(admin):
    """QU6."""
    page = admin.get(PAGE).content.decode()

    assert page.count('name="questions_off"') == 12
    assert "What was the make of your first car?" in page


def test_a_question_that_is_ticked_is_no_longer_offered(admin, member_page):
    """QU6."""
    assert 'value="first-car"' in member_page()

    response = save(admin, questions_off=["first-car", "first-pet"])

    assert response.status_code == 302, errors(response)
    assert service.current().questions_off == ("first-car", "first-pet")
    assert 'value="first-car"' not in member_page()
    assert Event.objects.get(tag=tags.POLICY_SAVED).facts["changes"]["questions_off"]


def test_what_was_ticked_stays_ticked_and_can_be_taken_back(admin):
    save(admin, questions_off=["first-car"])

    unchanged = save(admin, session_hours="23")
    assert service.current().questions_off == ("first-car",)
    taken_back = save(admin, questions_off=[])

    assert (unchanged.status_code, taken_back.status_code) == (302, 302)
    assert service.current().questions_off == ()


def test_own_questions_are_typed_line_by_line(admin, member_page):
    """QU6."""
    response = save(admin, own_questions="Which locker is yours?\n\n Who hired you? ")

    assert response.status_code == 302, errors(response)
    assert service.current().own_questions == ("Which locker is yours?", "Who hired you?")
    assert "Who hired you?" in member_page()


@pytest.mark.parametrize("line", ["ab", "x" * 201])
def test_an_own_question_has_3_to_200_characters(admin, line):
    """QU6."""
    response = save(admin, own_questions=line)

    assert "can&#x27;t be used here" in response.content.decode()
    assert service.current().own_questions == ()


def test_there_are_at_most_twenty_of_them(admin):
    """QU6."""
    response = save(admin, own_questions="\n".join(f"Question {n}?" for n in range(21)))

    assert "At most 20 lines." in response.content.decode()


@pytest.mark.parametrize(
    ("off", "own", "allowed"), [(7, 0, True), (8, 0, False), (8, 1, True), (12, 4, False)]
)
def test_as_many_are_left_as_have_to_be_registered(admin, off, own, allowed):
    """QU6: five at first."""
    response = save(
        admin,
        questions_off=BUILT_IN[:off],
        own_questions="\n".join(f"Which number is {n}?" for n in range(own)),
    )

    assert (response.status_code == 302) is allowed
    if not allowed:
        assert "Leave at least as many questions" in response.content.decode()


def test_code_that_is_no_form_is_held_to_the_same():
    with pytest.raises(ValidationError):
        changes.change_settings(actor=SYSTEM, questions_off=tuple(BUILT_IN))


def test_an_unknown_question_cannot_be_switched_off(admin):
    response = save(admin, questions_off=["no-such-question"])

    assert response.status_code == 200
    assert OrgPolicy.objects.get().questions_off == []


@pytest.mark.parametrize(
    ("stored", "clean"),
    [
        (["first-car", "UPPER", "a b", 7, None, "first-car"], ("first-car",)),
        ("first-car", ()),
        (None, ()),
        (["a"] * 500, ("a",)),
    ],
)
def test_a_damaged_row_is_read_all_the_same(stored, clean):
    """PO4."""
    assert Settings.clamped({"questions_off": stored}).questions_off == clean


def test_damaged_own_questions_are_read_all_the_same():
    """PO4."""
    stored = ["ab", "x" * 201, "Which?\x00", 7, *(f"Question {n}?" for n in range(30))]

    own = Settings.clamped({"own_questions": stored}).own_questions

    assert own[:2] == ("Which?", "Question 0?")
    assert len(own) == 20


def test_a_question_switched_off_later_keeps_working(bob, member_page):
    """QU7: for those who chose it."""
    registration = kinds.register(bob, "questions")
    OrgPolicy.objects.update(questions_off=BUILT_IN[:7])

    challenge = kinds.ask(registration)

    assert (
        len(registry.get("questions").form_for(challenge.prompt(registration.details)).fields) == 3
    )
    assert kinds.confirm(challenge)
