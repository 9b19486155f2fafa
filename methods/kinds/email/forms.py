"""The one question of this kind: which address?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.forms import EnrolForm
from methods.kinds.email.address import InvalidAddress, canonical, is_in_domain, is_same


class EmailForm(EnrolForm):
    address = forms.CharField(
        label=_("Email address"),
        help_text=_(
            "Use an address that you can open without your work password. "
            "It can't be your work or school address."
        ),
        error_messages={"required": _("Enter an email address, like name@example.com.")},
        strip=True,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )

    def clean_address(self) -> str:
        try:
            address = canonical(self.cleaned_data["address"])
        except InvalidAddress:
            raise forms.ValidationError(
                _("Enter an email address, like name@example.com."), code="invalid"
            ) from None
        if self._is_of_the_organization(address):
            raise forms.ValidationError(
                _("This can't be your work or school address. Use a private address."),
                code="organization",
            )
        return address

    def _is_of_the_organization(self, address: str) -> bool:
        return is_same(address, self.person.work_address) or any(
            is_in_domain(address, domain) for domain in self.organization_domains()
        )
