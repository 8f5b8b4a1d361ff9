"""Django settings, assembled from the environment and the home folder. See docs/configuration.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from postroom.identity.ldap_config import ldap_config
from postroom.identity.oidc_config import oidc_config
from postroom.identity.sso_name import PROVIDER
from postroom.kernel.config import config
from postroom.kernel.home import home
from postroom.project.logs import logging_config

PACKAGE = Path(__file__).resolve().parent.parent
CONFIG = config()
HTTPS = CONFIG.public_url.startswith("https://")
BEHIND_PROXY = os.environ.get("POSTROOM_BEHIND_PROXY") == "1"

SECRET_KEY = os.environ.get("POSTROOM_SECRET_KEY") or home().secret("secret")
DEBUG = os.environ.get("POSTROOM_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("POSTROOM_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("POSTROOM_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_cotton.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "ninja",
    "procrastinate.contrib.django",
    "postroom.kernel",
    "postroom.ledger",
    "postroom.vault",
    "postroom.identity",
    "postroom.parties",
    "postroom.documents",
    "postroom.intake",
    "postroom.composition",
    "postroom.delivery",
    "postroom.production",
    "postroom.production.letters",
    "postroom.schedules",
    "postroom.api",
    "postroom.web",
]

MIDDLEWARE = [
    "postroom.project.requests.RequestMarks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "postroom.web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "postroom.web.language.PersonLanguage",
    "postroom.identity.middleware.SessionsSeen",
    "postroom.web.middleware.SignInRequired",
    "postroom.web.middleware.Problems",
]

ROOT_URLCONF = "postroom.project.urls"
WSGI_APPLICATION = "postroom.project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "postroom.web.shell.shell",
                "postroom.web.ways.ways",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "postroom.web.templatetags.said"],
        },
    }
]
COTTON_DIR = "cotton"
COTTON_SNAKE_CASED_NAMES = False


def _database(url: str) -> dict[str, Any]:
    """Django's form of a libpq URL. Workers connect directly: a transaction pooler breaks advisory locks."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    settings = {django: str(parts.pop(libpq, "") or "") for django, libpq in known.items()}
    parts.setdefault("connect_timeout", 10)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **settings,
        "OPTIONS": parts,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


# `postroom.project.boot` starts the embedded server and leaves its address here before Django is set up.
DATABASE_URL = os.environ.get("POSTROOM_DATABASE_URL") or os.environ.get("DATABASE_URL") or "postgresql:///postroom"
DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **extra}
    for name, extra in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 12}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "postroom.identity.adapter.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
# Wrong tries are counted in the database (identity.lockout); a cache of ours would count per process.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

MFA_ADAPTER = "postroom.identity.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "postroom.identity.factors.CodeForm",
    "reauthenticate": "postroom.identity.factors.CodeAgainForm",
    "add_webauthn": "postroom.identity.factors.PasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Postroom"
MFA_TOTP_TOLERANCE = 1  # a code of the step before: telephones are slow, and so are people
# fido2 lets http pass on localhost only, as browsers do.
MFA_RECOVERY_CODES_SHOW_ONCE = True

OIDC = oidc_config()
MFA_PASSKEY_LOGIN_ENABLED = not (OIDC and OIDC.only)
SOCIALACCOUNT_ADAPTER = "postroom.identity.sso.SingleSignOn"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": PROVIDER,
                "name": OIDC.name,
                "client_id": OIDC.client_id,
                "secret": OIDC.client_secret,
                "settings": {
                    "server_url": OIDC.issuer,
                    "scope": list(OIDC.scopes),
                    "oauth_pkce_enabled": True,
                },
            }
        ]
    }

LDAP = ldap_config()
if LDAP:
    from postroom.identity.ldap_settings import directory_settings  # needs the extra

    AUTHENTICATION_BACKENDS.append("postroom.identity.ldap.Directory")
    globals().update(directory_settings(LDAP))

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# A host that once answered over TLS is never asked in the clear again; subdomains may be somebody else's.
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

USE_TZ = True
TIME_ZONE = os.environ.get("POSTROOM_TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATIC_ROOT = PACKAGE / "web" / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"/dist/assets/.+-[\w-]{8,}\."
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LOGGING: dict[str, Any] = logging_config()
