"""People on the AT Protocol network, speaking through the SDK: a second party to Hark's own calls."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from atproto import Client, client_utils, models
from atproto_client.exceptions import BadRequestError

from tests.peers.networks import Atproto

_names = itertools.count(int(time.time()) % 100_000 * 10)


class Somebody:
    """An account with a fresh handle. `says` posts, `writes` sends a direct message."""

    def __init__(self, network: Atproto, name: str) -> None:
        self.network = network
        self.handle = f"{name}{next(_names)}.test"
        self.password = f"pw-{self.handle}"
        self.client = Client(network.info["pds"])
        self.client.com.atproto.server.create_account(
            {"handle": self.handle, "email": f"{self.handle}@mail.test", "password": self.password}
        )
        network.settle()  # signing in reads the profile from the AppView
        self.client.login(self.handle, self.password)
        self.did: str = self.client.me.did

    @property
    def chat(self) -> Any:
        return self.client.with_bsky_chat_proxy().chat.bsky.convo

    def says(self, text: str, to: Somebody | None = None, **options: Any) -> Any:
        """A post; with `to` it begins with a mention."""
        builder = client_utils.TextBuilder()
        if to:
            builder.mention(f"@{to.handle}", to.did).text(" ")
        return self._indexed(self.client.send_post(builder.text(text), **options))

    def answers(self, post: Any, text: str, root: Any = None) -> Any:
        parent = models.ComAtprotoRepoStrongRef.Main(uri=post.uri, cid=post.cid)
        top = models.ComAtprotoRepoStrongRef.Main(uri=root.uri, cid=root.cid) if root else parent
        return self._indexed(
            self.client.send_post(text, reply_to=models.AppBskyFeedPost.ReplyRef(parent=parent, root=top))
        )

    def _indexed(self, post: Any) -> Any:
        """The AppView tells of an answer only when it knows the post answered: people are slower than machines."""
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.client.get_posts([post.uri]).posts:
            time.sleep(0.05)
        return post

    def writes(self, to: Somebody, text: str) -> Any:
        convo = self.chat.get_convo_for_members({"members": [to.did]}).convo
        return self.chat.send_message({"convo_id": convo.id, "message": {"text": text}})

    def reads(self, other: Somebody) -> list[str]:
        """The direct messages with somebody, oldest first."""
        convo = self.chat.get_convo_for_members({"members": [other.did]}).convo
        return [message.text for message in self.chat.get_messages({"convo_id": convo.id}).messages][::-1]

    def accepts_messages_from(self, whom: str) -> None:
        """all, following or none."""
        self.client.com.atproto.repo.put_record(
            {
                "repo": self.did, "collection": "chat.bsky.actor.declaration", "rkey": "self",
                "record": {"$type": "chat.bsky.actor.declaration", "allowIncoming": whom},
            }
        )  # fmt: skip

    def calls_themselves(self, name: str) -> None:
        record = {"$type": "app.bsky.actor.profile", "displayName": name}
        self.client.com.atproto.repo.put_record(
            {"repo": self.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
        )
        self.network.settle()

    def app_password(self, *, messages: bool = True) -> str:
        made = self.client.com.atproto.server.create_app_password(
            {"name": f"hark {messages}", "privileged": messages}
        )
        return str(made.password)

    def sees_thread(self, uri: str) -> Any:
        """The post and what hangs below it, None while the AppView does not know it."""
        try:
            return self.client.get_post_thread(uri).thread
        except BadRequestError:
            return None


def until(ask: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """What `ask` gives once it gives something; the networks are a little behind."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}")
