"""C3: choosing another way and back gives the same code its tries again."""

import pytest
from django.test import Client

from tests import kinds
from tests.accounts.doors import policy
from tests.flows import reset_steps as steps
from tests.flows.proofs import has
from tests.flows.reset_steps import CODE

pytestmark = pytest.mark.django_db


def test_another_way_and_back_gives_no_further_tries(bob):
    kinds.allow("email")
    kinds.allow("authenticator")
    has(bob, "email")
    has(bob, "authenticator")
    policy(code_tries=3)
    visitor = Client()
    steps.identify(visitor)
    steps.choose(visitor, "email")
    steps.work()
    code, before = steps.code_on_the_way(), steps.newest().code_id
    for _ in range(3):
        visitor.post(CODE, steps.wrong_code())  # all three tries of this code
    steps.choose(visitor, "authenticator")
    steps.choose(visitor, "email")
    assert steps.newest().code_id == before  # the very same code
    answer = visitor.post(CODE, {"code": code})
    assert answer.status_code == 422, "the code that was spent is right again"
