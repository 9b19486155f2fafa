"""Addresses of signing in and of keeping the account secure."""

from __future__ import annotations

from django.urls import path

from accounts import (
    confirm_views,
    disown_views,
    password_views,
    reset_views,
    review_views,
    second_step_views,
    session_views,
    views,
    welcome_views,
    wizard_views,
)

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/verify/", second_step_views.verify, name="verify"),
    path("sign-in/verify/resend/", second_step_views.resend, name="verify-resend"),
    path("sign-in/verify/status/", second_step_views.status, name="verify-status"),
    path("sign-in/another-way/", second_step_views.another_way, name="another-way"),
    path("sign-in/pass/", second_step_views.temporary_pass, name="sign-in-pass"),
    path("sign-in/new-password/", password_views.choose, name="new-password"),
    path("welcome/<str:token>/", welcome_views.welcome, name="welcome"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("confirm/", confirm_views.confirm, name="confirm"),
    path("confirm/resend/", confirm_views.resend, name="confirm-resend"),
    path("confirm/status/", confirm_views.status, name="confirm-status"),
    path("confirm/another-way/", confirm_views.another_way, name="confirm-another-way"),
    path("password-reset/", reset_views.identify, name="reset"),
    path("password-reset/check/", reset_views.first_check, name="reset-check"),
    path("password-reset/code/", reset_views.first_code, name="reset-code"),
    path("password-reset/code/resend/", reset_views.first_resend, name="reset-resend"),
    path("password-reset/check-2/", reset_views.second_check, name="reset-check-2"),
    path("password-reset/check-2/code/", reset_views.second_code, name="reset-code-2"),
    path(
        "password-reset/check-2/code/resend/", reset_views.second_resend, name="reset-code-2-resend"
    ),
    path(
        "password-reset/check-2/code/status/", reset_views.second_status, name="reset-code-2-status"
    ),
    path("password-reset/password/", reset_views.password, name="reset-password"),
    path("password-reset/done/", reset_views.done, name="reset-done"),
    path("password-reset/stopped/", reset_views.stopped, name="reset-stopped"),
    path("stay-signed-in/", session_views.stay, name="stay"),
    path("security-info/activity/not-me/<str:token>/", disown_views.not_me, name="not-me"),
    path("security-info/activity/not-me/<str:token>/done/", disown_views.done, name="not-me-done"),
    path("security-info/password/", password_views.change, name="password"),
    path("security-info/review/", review_views.show, name="review"),
    path("security-info/review/later/", review_views.later, name="review-later"),
    path(
        "security-info/sign-out-everywhere/",
        session_views.sign_out_everywhere,
        name="sign-out-everywhere",
    ),
    path(
        "security-info/sign-out-everywhere/<uuid:uuid>/",
        session_views.sign_out_one,
        name="sign-out-one",
    ),
    path(
        "security-info/trusted-browsers/<uuid:uuid>/forget/",
        session_views.forget_browser,
        name="forget-browser",
    ),
    path("keep-secure/", wizard_views.start, name="keep-secure"),
    path("keep-secure/choose/", wizard_views.choose, name="keep-secure-choose"),
    path("keep-secure/summary/", wizard_views.summary, name="keep-secure-summary"),
    path("keep-secure/skip/", wizard_views.skip, name="keep-secure-skip"),
    path("keep-secure/<slug:kind>/", wizard_views.set_up, name="keep-secure-set-up"),
    path("keep-secure/<slug:kind>/verify/", wizard_views.verify, name="keep-secure-verify"),
    path("keep-secure/<slug:kind>/resend/", wizard_views.resend, name="keep-secure-resend"),
    path("keep-secure/<slug:kind>/status/", wizard_views.status, name="keep-secure-status"),
]
