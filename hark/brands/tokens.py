"""Links that let somebody in once. The secret stands in the link alone; the database keeps its SHA-256."""

import hashlib
import secrets


def fresh() -> tuple[str, str]:
    """A new secret for a link (256 bits) and the hash to keep."""
    token = secrets.token_urlsafe(32)
    return token, hashed(token)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
