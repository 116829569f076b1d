"""Settings, read from the environment once. The variables stand in docs/administrators.md."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from hark.ops import environment, keys, postgres

from . import mail, single_sign_on
from .logging import configure

ENV = environment.read()
SECRET_KEY, HARK_CREDENTIAL_KEYS = keys.load(ENV)
HARK_ERASURE_KEYS = keys.erasures(ENV)

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = ENV.debug
HARK_PUBLIC_URL = ENV.public_url
HARK_MEDIA = ENV.media  # never served directly: views check access first
HARK_DATA = ENV.data
HARK_LEASE_SECONDS = ENV.lease_seconds
HARK_METRICS_TOKEN = keys.metrics_token(ENV)
HARK_SLOW_QUERY_MS = ENV.slow_query_ms
HARK_PROBE_SECONDS, HARK_PROBE_URL = ENV.probe_seconds, ENV.probe_url
HARK_SCANNER = ENV.scanner
ALLOWED_HOSTS = list(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [ENV.public_url]
SECURE = ENV.public_url.startswith("https://")

INSTALLED_APPS = [
    "hark.web.apps.WebConfig",
    "hark.live.apps.LiveConfig",
    "hark.brands.apps.BrandsConfig",
    "hark.channels.apps.ChannelsConfig",
    "hark.channels.networks.practice.apps.PracticeConfig",
    "hark.customers.apps.CustomersConfig",
    "hark.cases.apps.CasesConfig",
    "hark.replies.apps.RepliesConfig",
    "hark.playbook.apps.PlaybookConfig",
    "hark.crisis.apps.CrisisConfig",
    "hark.moves.apps.MovesConfig",
    "hark.clocks.apps.ClocksConfig",
    "hark.actions.apps.ActionsConfig",
    "hark.visits.apps.VisitsConfig",
    "hark.secure.apps.SecureConfig",
    "hark.ops.apps.OpsConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "django_htmx",
    "template_partials",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hark.ops.pages.PageMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hark.brands.middleware.MemberMiddleware",
]

ROOT_URLCONF = "hark.config.urls"
ASGI_APPLICATION = "hark.config.asgi.application"
WSGI_APPLICATION = "hark.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hark.brands.context.brand",
                "hark.crisis.context.crises",
            ],
            "builtins": ["template_partials.templatetags.partials", "hark.web.templatetags.hark"],
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Django's form of a libpq address; what Django has no name for goes through as an option."""
    parts = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {
        "ENGINE": "hark.web.database",
        **{name: parts.pop(key, "") for name, key in names.items()},
        "OPTIONS": {"connect_timeout": 5, "server_side_binding": True, "prepare_threshold": 3, **parts},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


DATABASES = {"default": database(ENV.database_url or postgres.dsn(ENV))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "hark_cache"},
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # {% cache %}
}

AUTH_USER_MODEL = "brands.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "hark.brands.sign_in.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "hark.brands.sign_in.SingleSignOnAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # seats come by invitation, which proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = (
    False  # a reset for an unknown address sends nothing, and the page doesn't say so
)
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {"login": "hark.brands.sign_in_forms.SignInForm"}
ACCOUNT_EMAIL_NOTIFICATIONS = True  # "your password was changed": to whoever didn't do it
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays, every other one ends
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/m/key",  # the key is the account: a pause of a minute after five tries
    "reset_password": "20/m/ip,5/h/key",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_ADAPTER = "hark.brands.sign_in.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hark"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # browsers allow passkeys over http on localhost
SOCIALACCOUNT_PROVIDERS = single_sign_on.read()
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = (
    True  # by an address that the provider calls verified, see brands/sign_in.py
)
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "hark_session"
CSRF_COOKIE_NAME = "hark_csrf"
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *single_sign_on.origins(SOCIALACCOUNT_PROVIDERS)],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

EMAIL_CONFIG = mail.read()
EMAIL_BACKEND = EMAIL_CONFIG.backend
EMAIL_HOST = EMAIL_CONFIG.host
EMAIL_PORT = EMAIL_CONFIG.port
EMAIL_HOST_USER = EMAIL_CONFIG.user
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.password
EMAIL_USE_TLS = EMAIL_CONFIG.starttls
EMAIL_USE_SSL = EMAIL_CONFIG.tls
EMAIL_FILE_PATH = str(ENV.data / "mail")
DEFAULT_FROM_EMAIL = EMAIL_CONFIG.sender

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TEST_RUNNER = "django.test.runner.DiscoverRunner"
LOGGING_CONFIG = None
configure(debug=DEBUG)
