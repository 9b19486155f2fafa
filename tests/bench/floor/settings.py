"""The floor: a bare Django project, the least that a page with a session and a person can cost."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from securityinfo import backends

SECRET_KEY = os.environ["SECURITYINFO_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.floor.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.bench.floor",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES = {
    "default": backends.database(urlsplit(os.environ["DATABASE_URL"]))
    | {"ENGINE": "django.db.backends.postgresql"}  # Django's own
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
