"""A visit to what an administrator does with the policy."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from securityinfo.actor import SYSTEM
from securityinfo.policy import changes
from securityinfo.policy.models import PolicyVersion, Proposal
from tests.i18n.visitor import Visitor


def explain(visitor: Visitor) -> None:
    """For somebody with methods, for one of the staff, for nobody."""
    for name in ("bob", "admin", "nobody-at-all"):
        visitor.get(f"{reverse('admin:accounts_user_explain')}?name={name}")


def change_the_policy(visitor: Visitor) -> None:
    """The preview of what hits people and has to be understood, one that can't be saved, a version.

    Texts and email are what bob and dave have.
    """
    admin_user = User.objects.get(username="admin")
    for changed in (
        {"sms.state": "off", "email.state": "off", "methods_to_reset": 1, "reset_for": "nobody"},
        {"methods_to_register": 9, "sms.maximum": 7},
        {},
    ):
        proposal = Proposal.objects.create(author=admin_user.public_id, changes=changed, restores=1)
        page = reverse("admin:policy_orgpolicy_preview", args=[proposal.pk])
        visitor.get(page)
        visitor.post(page)
    changes.change({"code_tries": 6}, actor=SYSTEM)
    for version in PolicyVersion.objects.all():
        visitor.get(reverse("admin:policy_policyversion_change", args=[version.pk]))
        visitor.post(reverse("admin:policy_policyversion_restore", args=[version.number]))
    visitor.post(reverse("admin:policy_policyversion_restore", args=[2]))
