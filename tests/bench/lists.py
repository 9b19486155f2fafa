"""How long look-ups and the lists of the administration take: `python -m tests.bench.lists`."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "securityinfo.settings"
django.setup()

from django.contrib.auth.models import Group  # noqa: E402 - after setup
from django.db import connection  # noqa: E402 - after setup
from django.test import Client  # noqa: E402 - after setup
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402 - after setup
from django.urls import reverse  # noqa: E402 - after setup

from accounts import duties  # noqa: E402 - after setup
from accounts.models import Role, User  # noqa: E402 - after setup
from methods import lookup  # noqa: E402 - after setup
from securityinfo.duties import Duty  # noqa: E402 - after setup
from securityinfo.freshness import Proof  # noqa: E402 - after setup
from securityinfo.policy.models import MethodRule, Proposal  # noqa: E402 - after setup
from securityinfo.policy.rules import Strength  # noqa: E402 - after setup
from tests.bench import copying, people, sites  # noqa: E402 - after setup

TIMES, ENOUGH = 15, 10  # of each, unless that takes so many seconds
SOMEBODY = 500
LISTS = {
    "people": "/admin/accounts/user/",
    "people, page 5": "/admin/accounts/user/?p=5",
    "people, searched": f"/admin/accounts/user/?q={people.user_name(SOMEBODY)}",
    "people, by role": "/admin/accounts/user/?role__exact=person",
    "methods": "/admin/methods/registration/",
    "methods, searched": f"/admin/methods/registration/?q={people.user_name(SOMEBODY)}",
    "methods, by kind": "/admin/methods/registration/?kind=email",
    "audit": "/admin/audit/event/",
    "audit, searched": f"/admin/audit/event/?q={people.user_name(SOMEBODY)}",
    "audit, by area": "/admin/audit/event/?area=method",
}

REPORTS = {
    "report: overview": "/admin/reports/",
    "report: people": "/admin/reports/people/",
    "report: too few": "/admin/reports/people/?short=yes&sort=full_name",
    "report: no reset": "/admin/reports/people/?can_reset=no&kind=sms",
    "report: recent": "/admin/reports/recent/",
    "report: over time": "/admin/reports/over-time/?by=month",
    "report: delivery": "/admin/reports/delivery/",
}
GROUPS = 20  # each with a tenth of the people; rules name some of them


class Unanswered(Exception):
    """The page was not shown: among so many people it takes too long."""


def main() -> None:
    setup_test_environment(debug=False)
    connection.force_debug_cursor = False
    client = _administrator()
    _measure("look-up by number", lambda: list(lookup.find(people.phone_number(SOMEBODY))))
    _measure("look-up by address", lambda: list(lookup.find(people.address(SOMEBODY))))
    preview = _preview()
    _measure("policy preview", lambda: _get(client, preview), wanted=2_000)
    for name, address in LISTS.items():
        _measure(name, lambda address=address: _get(client, address))
    _put_into_groups()
    for name, address in REPORTS.items():
        _measure(name, lambda address=address: _get(client, address), wanted=2_000)


def _put_into_groups() -> None:
    """So that the rules say different things to different people."""
    groups = Group.objects.bulk_create(Group(name=f"Group {each}") for each in range(GROUPS))
    belongs = User.groups.through
    keys = User.objects.order_by("pk").values_list("pk", flat=True)
    copying.insert(
        belongs,
        (
            belongs(user_id=key, group_id=groups[(place + further) % GROUPS].pk)
            for place, key in enumerate(keys)
            for further in (0, 7)
        ),
    )
    for kind, name in (("sms", "exclude_groups"), ("call", "include_groups")):
        rule = MethodRule.objects.get(kind=kind)
        getattr(rule, name).set(groups[:3])
        rule.include_everyone = name == "exclude_groups"
        rule.save()
    copying.settle()


def _administrator() -> Client:
    ada, _ = User.objects.get_or_create(
        username="ada",
        work_address="ada@example.org",
        defaults={"role": Role.ADMINISTRATOR, "is_superuser": True},
    )
    client = Client(HTTP_HOST=sites.PUBLIC_HOST, raise_request_exception=False)
    client.force_login(ada)
    session = client.session
    session.note_proof(Proof(Strength.PHISHING_RESISTANT, with_password=True))
    session.save()
    return client


def _preview() -> str:
    """Of a change that hits everybody."""
    ada = User.objects.get(username="ada")
    duties.give(ada, [Duty.EDIT_POLICY])
    proposal = Proposal.objects.create(author=ada.public_id, changes={"sms.state": "off"})
    return reverse("admin:policy_orgpolicy_preview", args=[proposal.pk])


def _get(client: Client, address: str) -> None:
    response = client.get(address, secure=True, headers={"X-Forwarded-Proto": "https"})
    if response.status_code != 200:
        raise Unanswered(f"{address} answers {response.status_code}")


def _measure(name: str, action: Callable[[], object], *, wanted: int | None = None) -> None:
    """The median, after one time that fills the caches of the process."""
    try:
        with CaptureQueriesContext(connection):
            action()
        with CaptureQueriesContext(connection) as captured:
            action()
        queries = len(captured)  # the next request forgets them
        median = statistics.median(_times(action)) * 1000
    except Unanswered as why:
        sys.stdout.write(f"  {name:<22}{why}\n")
        return
    limit = f" (wanted: under {wanted:,} ms)" if wanted else ""
    sys.stdout.write(f"  {name:<22}{median:>8.1f} ms{queries:>4} queries{limit}\n")


def _times(action: Callable[[], object]) -> list[float]:
    times: list[float] = []
    while len(times) < TIMES and sum(times) < ENOUGH:
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
