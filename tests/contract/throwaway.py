"""A kind as a newcomer would write it: the files of one folder, and nothing else."""

from __future__ import annotations

FOLDER = "methods/kinds/grid_card"
KIND = "grid-card"

METHOD = '''"""Grid card: numbers on a card of paper; each proof asks for one of them."""

from __future__ import annotations

import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

from methods.base import Enrolment, Factor, Method, Purpose, Strength, Verdict
from methods.kinds.grid_card.forms import CardForm, CellForm

CELLS = [f"{column}{row}" for column in "ABCD" for row in "1234"]


def number_at(cell: str, serial: str) -> str:
    digest = salted_hmac("grid card", f"{serial} {cell}").digest()
    return f"{int.from_bytes(digest[:4], 'big') % 10_000:04}"


class GridCardMethod(Method):
    kind = "grid-card"
    label = "Grid card"
    offer = "Grid card"
    in_words = "grid card"
    description = "A card of paper with numbers. Works without a network."
    icon = "key"
    factor = Factor.POSSESSION
    strength = Strength.RESTRICTED
    purposes = frozenset({Purpose.SIGN_IN, Purpose.CONFIRM})
    position = 45
    max_per_user = 2
    enrol_form = CardForm
    answer_form = CellForm
    wrong_answer = "That isn't the number in this field of your card."
    already_added = "You've already added this card."
    verify_template = "kinds/grid_card/verify.html"

    def enrol(self, person, cleaned_data):
        serial = cleaned_data["serial"]
        return Enrolment(details={"serial": serial}, identity=serial)

    def identity(self, details):
        return details["serial"]

    def summary(self, details):
        return f"ending {details['serial'][-2:]}"

    def full_value(self, details):
        return details["serial"]

    def form_initial(self, details):
        return {"serial": details["serial"]}

    def prepare(self, details, *, settings, last_counter):
        return {"cell": secrets.choice(CELLS)}

    def page(self, prompt):
        return {"cell": prompt.context["cell"]}

    def check(self, prompt, answer):
        expected = number_at(prompt.context["cell"], prompt.details["serial"])
        return Verdict(right=constant_time_compare(answer["number"], expected))


method = GridCardMethod()
'''

FORMS = '''"""Which card, and what stands in a field of it?"""

from __future__ import annotations

from django import forms

from methods.forms import EnrolForm


class CardForm(EnrolForm):
    serial = forms.RegexField(
        r"^C-[0-9]{6}$",
        strip=True,
        label="Serial number of the card",
        error_messages={"required": "Enter the serial number.", "invalid": "It is like C-123456."},
    )


class CellForm(forms.Form):
    number = forms.CharField(label="Number in the field", max_length=10)
'''

TEMPLATE = """{% extends "methods/verify.html" %}
{% block sent %}<p>Which number is in field {{ cell }} of your card?</p>{% endblock %}
"""

SAMPLE = '''"""What the contract suite fills in for this kind."""

from __future__ import annotations

from methods.kinds.grid_card.method import number_at

FORM = {"serial": "C-123456"}
SAME = {"serial": " C-123456 "}
OTHER = {"serial": "C-654321"}
INVALID = {"serial": "card"}
SECRETS = ("C-123456",)


def right(prompt):
    return {"number": number_at(prompt.context["cell"], prompt.details["serial"])}


def wrong(prompt):
    return {"number": "wrong"}
'''

STORY = '''"""The story of this kind over HTTP, with another kind beside it."""

from __future__ import annotations

import pytest

from methods.models import Challenge, Registration
from tests import kinds
from tests.accounts.doors import main_of, post_sign_in

pytestmark = pytest.mark.django_db

ADD, START = "/security-info/add/", "/security-info/add/grid-card/"
MAIL, CARD = "We email you a code.", "A card of paper with numbers."


def test_it_is_off_until_somebody_switches_it_on(bob, signed_in):
    browser = signed_in(bob)

    assert CARD not in main_of(browser.get(ADD, follow=True))
    assert browser.get(START)["Location"] == "/security-info/"


def test_it_has_its_row_in_the_policy(ada, signed_in):
    page = signed_in(ada).get("/admin/policy/orgpolicy/1/change/")

    assert page.status_code == 200
    assert "Grid card" in page.content.decode()


def test_the_chooser_offers_the_strongest_first(bob, signed_in):
    kinds.allow("grid-card")

    page = main_of(signed_in(bob).get(ADD))

    assert page.index(CARD) < page.index(MAIL)


def test_what_is_recommended_is_offered_first_and_marked(bob, signed_in):
    kinds.allow("grid-card")
    kinds.allow("email", state="recommended")

    page = main_of(signed_in(bob).get(ADD))

    assert "Recommended" in page
    assert page.index("Recommended") < page.index(CARD)
    assert page.index(MAIL) < page.index(CARD)


def test_it_is_registered_from_the_form_to_the_list(bob, signed_in):
    kinds.allow("grid-card")
    browser = signed_in(bob)

    chosen = browser.post(ADD, {"kind": "grid-card"})
    start = main_of(browser.get(START))
    browser.post(START, {"serial": "C-123456"})
    challenge = Challenge.objects.get()
    asked = main_of(browser.get(START + "verify/"))
    wrong = browser.post(START + "verify/", {"number": "wrong"})
    right = browser.post(START + "verify/", kinds.right(challenge), follow=True)

    assert chosen["Location"] == START
    assert "Serial number of the card" in start
    assert "I want to set up a different method" in start
    assert f"Which number is in field {challenge.context['cell']} of your card?" in asked
    assert wrong.status_code == 422
    assert "That isn&#x27;t the number in this field" in main_of(wrong)
    assert "was added." in main_of(right)
    assert "Grid card" in main_of(right)
    assert Registration.objects.of(bob).confirmed().get().kind == "grid-card"


def test_the_wizard_offers_a_different_method(bob, client):
    kinds.allow("grid-card")
    post_sign_in(client, "bob")

    start = main_of(client.get("/keep-secure/"))
    chooser = main_of(client.get("/keep-secure/choose/"))

    assert "I want to set up a different method" in start
    assert CARD in chooser
    assert MAIL in chooser


def test_the_wizard_sets_it_up(bob, client):
    kinds.allow("grid-card")
    post_sign_in(client, "bob")

    client.post("/keep-secure/grid-card/", {"serial": "C-123456"})
    done = client.post("/keep-secure/grid-card/verify/", kinds.right(Challenge.objects.get()))

    assert done["Location"] == "/keep-secure/summary/"
    assert "Grid card was added." in main_of(client.get("/keep-secure/summary/"))
'''

FILES = {
    "__init__.py": "",
    "method.py": METHOD,
    "forms.py": FORMS,
    "templates/kinds/grid_card/verify.html": TEMPLATE,
    "tests/__init__.py": "",
    "tests/sample.py": SAMPLE,
    "tests/test_story.py": STORY,
}
