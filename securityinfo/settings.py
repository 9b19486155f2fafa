"""Django's settings, in reading order; business rules are not here, they are policy rows."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from securityinfo import backends, discovery, env, logs, telephony

# --- Where and what -------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEMO = env.flag("SECURITYINFO_DEMO", default=False)
TESTING = env.flag("SECURITYINFO_TESTING", default=False)
DEBUG = env.flag("SECURITYINFO_DEBUG", default=False)
PRODUCTION = not (DEMO or TESTING or DEBUG)

# Every link, cookie and callback address comes from here, never from the request.
PUBLIC_URL = env.origin("SECURITYINFO_PUBLIC_URL")
_PUBLIC = urlsplit(PUBLIC_URL)
HTTPS = _PUBLIC.scheme == "https"
if PRODUCTION and not HTTPS:
    raise ImproperlyConfigured("SECURITYINFO_PUBLIC_URL must start with https://.")
if HTTPS and not PRODUCTION:  # a password that everybody knows, pages that show the code
    raise ImproperlyConfigured("Demo, debugging and tests are for http:// on your own machine.")
ALLOWED_HOSTS = [_PUBLIC.hostname or ""]
TRUSTED_PROXIES = env.words("SECURITYINFO_TRUSTED_PROXIES")

# --- Secrets --------------------------------------------------------------------------------------

SECRET_KEY = env.secret("SECURITYINFO_SECRET_KEY")
# `id:key` pairs, the current one first; everything else is derived from them (crypto.py).
ENCRYPTION_KEYS = env.secret("SECURITYINFO_ENCRYPTION_KEYS").replace(",", " ").split()

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "securityinfo",
    "accounts",
    "methods",
    *discovery.kind_apps(),
    "securityinfo.policy",
    "securityinfo.audit",
    "securityinfo.messaging",
    "securityinfo.throttling",
    "securityinfo.operations",
    *(["securityinfo.demo"] if DEMO or TESTING else []),
    "csp",
    "django_otp",
    "securityinfo.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the templates of its widgets, for our own engine
]

MIDDLEWARE = [
    # First whatever error pages and static files need too.
    "securityinfo.headers.ResponseHeadersMiddleware",
    "securityinfo.network.RequestOriginMiddleware",
    "securityinfo.operations.middleware.ProbeMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.review_gate.ReviewMiddleware",
    "securityinfo.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "securityinfo.urls"
WSGI_APPLICATION = "securityinfo.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "securityinfo.context.page",
            ],
            "builtins": ["securityinfo.templatetags.ui", "securityinfo.templatetags.shared"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------

# In production it is named: a name that was forgotten would mean another, empty database.
DATABASES = {
    "default": backends.database(
        env.url(
            "DATABASE_URL",
            None if PRODUCTION else f"sqlite:///{VAR_DIR}/securityinfo.db",
            schemes=("sqlite", "postgresql", "postgres"),
        )
    )
}
CLOCK_OF_DATABASE = True  # what is decided by the time follows that of a database server
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People and sessions --------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.WorkAccountBackend"]
PASSWORD_HASHERS = ["accounts.hashers.CappedArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.password_rules.NewPasswordValidator"}]
LOGIN_URL = reverse_lazy("accounts:sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("methods:list")

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "securityinfo.errors.form_token"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Made at start while there is no administrator: user name and work address; empty for nobody.
FIRST_ADMINISTRATOR = (
    env.text("SECURITYINFO_FIRST_ADMINISTRATOR", ""),
    env.text("SECURITYINFO_FIRST_ADMINISTRATOR_ADDRESS", ""),
)
if any(FIRST_ADMINISTRATOR) and not all(FIRST_ADMINISTRATOR):
    raise ImproperlyConfigured("A first administrator has a user name and a work address.")

# --- What a request may bring ---------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # the policy page, our longest form, needs 50 KB
FILE_UPLOAD_HANDLERS = ["securityinfo.uploads.InMemoryOnly"]

# --- Response headers -----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# The proxy in front says which scheme the visitor used; RequestOriginMiddleware drops its header
# from anybody else.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # whether a domain joins the browsers' preload list is its owner's decision
]

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "securityinfo.formats"
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = env.text("TZ", "UTC")
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = (  # elsewhere they are served as they lie
    env.text("SECURITYINFO_STATIC_ROOT", f"{BASE_DIR}/staticfiles") if PRODUCTION else None
)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- What is sent ---------------------------------------------------------------------------------

REDIS_URL = env.address("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
FROM_ADDRESS = env.email_address("SECURITYINFO_FROM_ADDRESS", f"no-reply@{_PUBLIC.hostname}")
SMTP = backends.email(
    env.url(
        "EMAIL_URL",
        None if PRODUCTION else "smtp+plain://127.0.0.1:25",
        schemes=("smtp", "smtps", "smtp+plain"),
    )
)
EMAIL_TRANSPORT = (
    "securityinfo.demo.transport.DemoTransport"
    if DEMO
    else "securityinfo.messaging.transports.smtp.SmtpTransport"
)
# Texts and calls; empty without a provider.
TELEPHONY = env.choice("SECURITYINFO_TELEPHONY", "", of=telephony.PROVIDERS)
TELEPHONY_TRANSPORT = telephony.TRANSPORTS[TELEPHONY]
TWILIO = telephony.twilio(rehearsal=DEMO or TESTING) if TELEPHONY == "twilio" else None
GATEWAY = telephony.gateway(rehearsal=DEMO or TESTING) if TELEPHONY == "webhook" else None

# --- Monitoring -----------------------------------------------------------------------------------

# Who may read /metrics, and what is wrong from /readyz.
MONITORING_TOKEN = env.secret("SECURITYINFO_MONITORING_TOKEN", "")
MONITORING_NETWORKS = env.words("SECURITYINFO_MONITORING_NETWORKS")
# A file on another disk, in which the end of the audit chain is noted (audit/anchor.py).
AUDIT_ANCHOR = env.text("SECURITYINFO_AUDIT_ANCHOR", "")

# --- Logging --------------------------------------------------------------------------------------

LOG_FORMAT = env.choice("SECURITYINFO_LOG_FORMAT", "line", of=logs.FORMATTERS)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "securityinfo.logs.RequestIdFilter"},
        "no_plain_answers": {"()": "securityinfo.logs.AnswerFilter"},
    },
    "formatters": {"ours": {"()": logs.FORMATTERS[LOG_FORMAT]}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "ours",
        }
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice("SECURITYINFO_LOG_LEVEL", "INFO", of=logs.LEVELS),
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"filters": ["no_plain_answers"]},
    },
}
