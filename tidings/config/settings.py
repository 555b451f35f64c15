"""Django's settings, made from the environment. Rows decide how the firm works; this decides how it runs."""

from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import lazy
from psycopg.conninfo import conninfo_to_dict

from tidings.config.environment import CHECKOUT, read_environment
from tidings.config.languages import compile_catalogues, own_name
from tidings.kernel import secrets
from tidings.kernel.postgres import cluster_of
from tidings.ui.proxies import networks

ENVIRONMENT = read_environment()
HOME = ENVIRONMENT.TIDINGS_HOME.resolve()
TIDINGS_HOME = HOME
try:
    TIDINGS_KEY_FILE = secrets.key_path(HOME, ENVIRONMENT.TIDINGS_KEY_FILE)
except secrets.KeyFileFailed as wrong:
    raise SystemExit(str(wrong)) from None
TIDINGS_FILES = ENVIRONMENT.TIDINGS_FILES
TIDINGS_PORT = ENVIRONMENT.TIDINGS_PORT
TIDINGS_ALLOW_TARGETS = [
    part.strip() for part in ENVIRONMENT.TIDINGS_ALLOW_TARGETS.split(",") if part.strip()
]
TIDINGS_TRUSTED_PROXIES = networks(ENVIRONMENT.TIDINGS_TRUSTED_PROXIES)
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
    "tidings.conversations",
    "tidings.home",
    "tidings.worker",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tidings.ui.middleware.SafetyHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tidings.people.middleware.Reader",
    "tidings.people.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tidings.ui.middleware.ErrorsInWords",
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
                "tidings.people.middleware.reader",
            ],
        },
    }
]

FORM_RENDERER = "tidings.ui.forms.Renderer"

LANGUAGE_CODE = "en"
LOCALE_PATHS = [CHECKOUT / "locale"]
compile_catalogues(LOCALE_PATHS[0])
LANGUAGES = sorted(
    (folder.name.replace("_", "-").lower(), own_name(folder.name))
    for folder in LOCALE_PATHS[0].iterdir()
    if folder.is_dir()
)
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20  # what a form or a program sends at once; files go to disk

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

TIDINGS_PUBLIC_URL = ENVIRONMENT.TIDINGS_PUBLIC_URL
TIDINGS_PORT = ENVIRONMENT.TIDINGS_PORT
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.TIDINGS_HOSTS.split(",") if host.strip()]
if TIDINGS_PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(TIDINGS_PUBLIC_URL).hostname or "")
SECRET_KEY = lazy(lambda: secrets.subkey("django").hex(), str)()  # read, and made, on first need
SILENCED_SYSTEM_CHECKS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "tidings.people.adapter.StaffAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
EMAIL_BACKEND = "tidings.messaging.account_mail.AccountMail"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "10/m/ip,3/5m/key",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
ACCOUNT_FORMS = {
    "login": "tidings.people.account_forms.SignInForm",
    "reauthenticate": "tidings.people.account_forms.AgainForm",
    "change_password": "tidings.people.account_forms.OwnPasswordForm",
}
MFA_FORMS = {
    "authenticate": "tidings.people.account_forms.CodeForm",
    "reauthenticate": "tidings.people.account_forms.CodeForm",
    "activate_totp": "tidings.people.account_forms.FirstCodeForm",
}
MFA_ADAPTER = "tidings.people.adapter.SecondFactorAdapter"
PUBLIC_RATE_LIMITS = {"own_page": 60, "own_page_answer": 20, "check": 20, "forged": 60}
"""How often one address may ask in a minute for what needs no sign-in."""
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:worklist"
SESSION_COOKIE_AGE = 12 * 3600  # a shift
CSRF_FAILURE_VIEW = "tidings.ui.errors.csrf_failure"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 5000},  # more askers than this at once, and some are counted anew
    }
}  # rate limits hold over processes
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SECURE_SSL_REDIRECT = False  # the reverse proxy's work; without one the pages listen on loopback
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ENVIRONMENT.TIDINGS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.TIDINGS_HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.TIDINGS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
