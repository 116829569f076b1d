"""A comment is hidden from the others with a reason, shown again, and liked: once each, in the history, by whoever may."""

from __future__ import annotations

import pytest
from django.test import Client

from hark.cases.models import Case, Event, Message
from hark.channels import http
from tests.networks.rigs import Facebook, YouTube

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", [Facebook, YouTube])
def test_a_comment_is_hidden_with_a_reason_shown_again_and_liked(
    kind, request, monkeypatch, ternway, tomas, vera, ruth
):
    monkeypatch.setenv("HARK_ALLOW_PRIVATE", "localhost")
    http._waits.clear()
    with kind(request).running() as rig:
        account = rig.connected(ternway)
        rig.says("You are all thieves, and here is where Ana lives: …")
        rig.gives(account)
        message, case = Message.objects.get(), Case.objects.get()
        hidden = (
            (lambda: message.external_id in rig.network.hidden)
            if kind is Facebook
            else (lambda: rig.network.status[message.external_id] == "heldForReview")
        )
        client, base = Client(), "/b/ternway/messages"
        client.force_login(tomas.user)
        page = f"/b/ternway/cases/{case.pk}/"
        assert f"{base}/{message.pk}/hide/" in client.get(page).text

        assert client.post(f"{base}/{message.pk}/hide/", {"reason": " "}).status_code == 422
        assert not hidden()
        for _press in range(2):
            client.post(f"{base}/{message.pk}/hide/", {"reason": "It names where somebody lives."})
        assert hidden()
        shown = client.get(page).text
        assert "Hidden by us" in shown
        assert "It names where somebody lives." in client.get(f"{page}history/").text
        assert Message.objects.get().text == message.text
        assert Event.objects.filter(kind=Event.Kind.HIDDEN).count() == 1

        for _press in range(2):
            client.post(f"{base}/{message.pk}/show/")
        assert not hidden()
        assert Event.objects.filter(kind=Event.Kind.SHOWN).count() == 1
        client.post(f"{base}/{message.pk}/like/")
        assert Event.objects.filter(kind=Event.Kind.LIKED).count() == (1 if kind is Facebook else 0)

        for who in (vera, ruth):
            client.force_login(who.user)
            assert client.post(f"{base}/{message.pk}/hide/", {"reason": "x"}).status_code in (403, 404)
        assert not hidden()
        held = rig.revoked()
        client.force_login(tomas.user)
        refused = client.post(f"{base}/{message.pk}/hide/", {"reason": "x"})
        assert refused.status_code == 422
        assert Message.objects.get().hidden_at is None
        rig.allowed(held)
