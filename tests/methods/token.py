"""A second kind for tests of the engine: strong, silent, with a counter and a name of its own."""

from __future__ import annotations

from django import forms

from methods import registry
from methods.base import Enrolment, Factor, Method, Purpose, RuleState, Strength, Verdict
from methods.forms import EnrolForm
from securityinfo.policy import initial
from tests import kinds

KIND = "token"


class TokenForm(EnrolForm):
    serial = forms.CharField(label="Serial number", max_length=20)


class CountForm(forms.Form):
    count = forms.IntegerField(label="Number on the token", min_value=0)
    serial = forms.CharField(label="Serial number", required=False)


class TokenMethod(Method):
    """Right is whoever names the serial number; each count works once."""

    kind = KIND
    label = "Token"
    offer = "Token"
    in_words = "token"
    description = "A thing that counts."
    icon = "authenticator"
    factor = Factor.POSSESSION
    strength = Strength.STRONG
    purposes = frozenset({Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER})
    position = 10
    max_per_user = 30
    initial_state = RuleState.ALLOWED
    enrol_form = TokenForm
    answer_form = CountForm

    def enrol(self, person, cleaned_data):
        serial = cleaned_data["serial"]
        return Enrolment(details={"serial": serial}, identity=serial)

    def summary(self, details):
        return f"ending {details['serial'][-2:]}"

    def full_value(self, details):
        return details["serial"]

    def form_initial(self, details):
        return dict(details)

    def check(self, prompt, answer):
        known = answer["serial"] == prompt.details["serial"]
        return Verdict(right=known, counter=answer["count"] if known else None)


def install(monkeypatch) -> TokenMethod:
    """As if its folder were there."""
    method = TokenMethod()
    monkeypatch.setitem(registry._catalogue(), KIND, method)
    initial.ensure_rules(each.initial_rule for each in registry.all_methods())
    kinds.allow(KIND)
    return method


def register(user, serial: str = "S-1234", count: int = 1, **options):
    challenge = kinds.begin(user, registry.get(KIND), {"serial": serial}, **options)
    answer = kinds.confirm(challenge, {"serial": serial, "count": count})
    assert answer, answer
    return kinds.reload(challenge).registration
