"""Every stored credential under the newest key."""

from cryptography.fernet import InvalidToken
from django.db import transaction

from hark.channels import credentials
from hark.channels.models import Account
from hark.ops.errors import OpsError


def reseal_all() -> int:
    """All accounts or none; how many there were. Raises OpsError naming an account that no key opens."""
    with transaction.atomic():
        accounts = list(Account.objects.select_for_update(of=("self",)).exclude(encrypted=b"").order_by("pk"))
        for account in accounts:
            try:
                account.encrypted = credentials.reseal(bytes(account.encrypted))
            except InvalidToken as error:
                raise OpsError(
                    f"No key here opens the credentials of {account} (account {account.pk}): put the missing key back, "
                    "or connect that account anew. Nothing was changed; the old keys are still there."
                ) from error
        Account.objects.bulk_update(accounts, ["encrypted"])
    return len(accounts)
