"""Whether a text and its files may leave, by the limits that the adapter declares."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hark.channels.base import Connection, OutgoingReply, Refused


def check(connection: Connection, reply: OutgoingReply) -> None:
    """Raises Refused when there is nothing to send, it is too long, or a file is not of a kind that is taken."""
    can = connection.capabilities
    limit, files = can.text_limit(reply.visibility), can.files(reply.visibility)
    if not reply.text.strip() and not reply.files:
        raise Refused("never", _("There is nothing to send."))
    size = (
        len(reply.text.encode("utf-8", "surrogatepass"))
        if limit and limit.unit == "bytes"
        else len(reply.text)
    )
    if limit and size > limit.value:
        raise Refused(
            "too_long",
            _("It is longer than the %(most)d that %(network)s takes.")
            % {"most": limit.value, "network": can.label},
        )
    if len(reply.files) > files.max_count:
        raise Refused("never", _("%(network)s takes no more files here.") % {"network": can.label})
    for file in reply.files:
        if file.content_type not in files.types:
            raise Refused(
                "never",
                _("%(network)s does not take “%(name)s”.") % {"network": can.label, "name": file.name},
            )
        if len(file.content) > files.max_bytes:
            raise Refused("too_long", _("“%(name)s” is too large.") % {"name": file.name})
