"""Start passwords for people who have never had one, such as those from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import QuerySet

from accounts import passwords
from accounts.models import User
from accounts.ranks import RANK_OF_DUTY
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.duties import Duty


def without_one(people: QuerySet[User], *, by: User | None = None) -> QuerySet[User]:
    """Active, and never had one: nobody sets the password of an account that has one (AC7).

    `by`: who hands them over, and could sign in with them first; so not to whoever may edit the
    policy, unless that one may, too. None is whoever may run manage.py.
    """
    if by is not None and not by.may(Duty.EDIT_POLICY):
        people = people.filter(duty_rank__lt=RANK_OF_DUTY[Duty.EDIT_POLICY])
    return people.filter(
        is_active=True,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
        password_changed_at=None,
        last_sign_in_at=None,
        welcome=None,  # whoever was invited by a link chooses one there
    )


def give(
    people: Iterable[User], *, actor: Actor, by: User | None = None
) -> Iterator[tuple[User, str]]:
    """Each with the password, for once; whoever got one meanwhile is left out.

    Raises hashers.Busy; who was given one before that keeps it.
    """
    for person in people:
        password = passwords.generated()
        encoded = passwords.encoded(password)
        with transaction.atomic():
            still = without_one(User.objects.filter(pk=person.pk), by=by)
            if not still.update(password=encoded, must_change_password=True):
                continue
            log.record(
                tags.PASSWORD_CHANGE_REQUIRED,
                actor=actor,
                subject=person.public_id,
                reason="start_password",
            )
        yield person, password
