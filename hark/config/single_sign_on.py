"""Single sign-on of the staff, from the environment: an OpenID Connect provider (docs/administrators.md).

HARK_OIDC_ISSUER, HARK_OIDC_CLIENT_ID and HARK_OIDC_CLIENT_SECRET go together; HARK_OIDC_NAME is what the button says.
The address to allow at the provider is `<HARK_PUBLIC_URL>/accounts/oidc/staff/login/callback/`.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from hark.ops.errors import OpsError

NEEDED = ("HARK_OIDC_ISSUER", "HARK_OIDC_CLIENT_ID", "HARK_OIDC_CLIENT_SECRET")


def read() -> dict[str, Any]:
    """django-allauth's SOCIALACCOUNT_PROVIDERS: one provider, or none. Raises OpsError where something is missing."""
    issuer, client, secret = (os.environ.get(name, "").strip() for name in NEEDED)
    if not any((issuer, client, secret)):
        return {}
    if not all((issuer, client, secret)):
        raise OpsError(f"Single sign-on needs all of {', '.join(NEEDED)}.")
    if urlsplit(issuer).scheme not in ("https", "http") or not urlsplit(issuer).netloc:
        raise OpsError("HARK_OIDC_ISSUER must be an address such as https://login.example.")
    app = {
        "provider_id": "staff",
        "name": os.environ.get("HARK_OIDC_NAME") or "single sign-on",
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer.rstrip("/")},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def origins(providers: dict[str, Any]) -> list[str]:
    """Where the sign-in form may lead to, for the content security policy: Chrome checks a form's redirects too."""
    apps = providers.get("openid_connect", {}).get("APPS", [])
    parts = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return [f"{part.scheme}://{part.netloc}" for part in parts]
