"""Django's settings, made from the environment. Rows decide how the firm works; this decides how it runs."""

from typing import Any

from babel import Locale
from django.utils.functional import lazy
from psycopg.conninfo import conninfo_to_dict

from tidings.config.environment import CHECKOUT, read_environment
from tidings.kernel import secrets
from tidings.kernel.postgres import cluster_of

ENVIRONMENT = read_environment()
HOME = ENVIRONMENT.TIDINGS_HOME.resolve()
TIDINGS_HOME = HOME
TIDINGS_KEY_FILE = secrets.key_path(HOME, ENVIRONMENT.TIDINGS_KEY_FILE)
TIDINGS_ALLOW_TARGETS = [
    part.strip() for part in ENVIRONMENT.TIDINGS_ALLOW_TARGETS.split(",") if part.strip()
]
DEBUG = ENVIRONMENT.TIDINGS_DEBUG


def _database() -> dict[str, Any]:
    """A plain connection; the web process alone adds the pool (`config/asgi.py`)."""
    embedded = cluster_of(HOME)
    parts = conninfo_to_dict(ENVIRONMENT.DATABASE_URL or embedded.conninfo())
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    database: dict[str, Any] = {known[key]: value for key, value in parts.items() if key in known}
    options = {key: value for key, value in parts.items() if key not in known}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **database,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "tidings.kernel",
    "tidings.ui",
    "tidings.people",
    "tidings.customers",
    "tidings.shipments",
    "tidings.messaging",
    "tidings.incidents",
    "tidings.home",
    "tidings.worker",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "tidings.config.urls"
ASGI_APPLICATION = "tidings.config.asgi.application"
AUTH_USER_MODEL = "people.User"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LOCALE_PATHS = [CHECKOUT / "locale"]
LANGUAGES = sorted(
    (
        folder.name.replace("_", "-").lower(),
        Locale.parse(folder.name).get_display_name(folder.name) or folder.name,
    )
    for folder in LOCALE_PATHS[0].iterdir()
    if folder.is_dir()
)
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.TIDINGS_HOSTS.split(",") if host.strip()]
SECRET_KEY = lazy(lambda: secrets.subkey("django").hex(), str)()  # read, and made, on first need
SILENCED_SYSTEM_CHECKS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
