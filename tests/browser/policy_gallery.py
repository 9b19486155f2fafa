"""What an administrator does with the policy, after `gallery.administration` has signed one in."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from securityinfo.actor import SYSTEM
from securityinfo.policy import changes
from securityinfo.policy.models import PolicyVersion, Proposal
from tests.browser.gallery import KIND, Gallery

LONG_TEXT = "helpdesk" * 25


def policy(gallery: Gallery) -> None:
    explained(gallery)
    previewed(gallery)
    versions(gallery)


def explained(gallery: Gallery) -> None:
    """Somebody with a method, and a name that nobody has."""
    page = reverse("admin:accounts_user_explain")
    gallery.visit(f"{page}?name=eric", "admin-explain")
    gallery.visit(f"{page}?name=nobody", "admin-explain-nobody")


def previewed(gallery: Gallery) -> None:
    """A change that hits somebody and has to be understood; one that can't be saved."""
    ada = User.objects.get(username="ada")
    entered = {f"{KIND}.state": "off", "methods_to_reset": 1, "helpdesk_text": LONG_TEXT}
    for name, values in (("preview", entered), ("preview-refused", {"code_tries": 99})):
        proposal = Proposal.objects.create(author=ada.public_id, changes=values)
        page = reverse("admin:policy_orgpolicy_preview", args=[proposal.pk])
        gallery.visit(page, f"admin-policy-{name}")


def versions(gallery: Gallery) -> None:
    gallery.visit(reverse("admin:policy_policyversion_changelist"), "admin-versions-none")
    changes.change({"code_tries": 6, "helpdesk_text": LONG_TEXT}, actor=SYSTEM, note="Why")
    newest = PolicyVersion.objects.first()
    gallery.visit(reverse("admin:policy_policyversion_changelist"), "admin-versions")
    address = reverse("admin:policy_policyversion_change", args=[newest.pk])
    gallery.visit(address, "admin-version")
