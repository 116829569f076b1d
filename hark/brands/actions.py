"""What can be done to brands and their people. What can't be done raises NotPossible with a sentence for people."""

from hark.web.problems import NotPossible

from .invitations import accept, accept_as_new, invite, withdraw_invitation
from .links import sign_in_link
from .seats import add_brand, add_member, add_user, change_roles, remove_member

__all__ = [
    "NotPossible",
    "accept",
    "accept_as_new",
    "add_brand",
    "add_member",
    "add_user",
    "change_roles",
    "invite",
    "remove_member",
    "sign_in_link",
    "withdraw_invitation",
]
