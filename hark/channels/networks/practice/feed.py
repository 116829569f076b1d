"""The network's feed: every change of a post, as JSON, in the order in which it can be read."""

from __future__ import annotations

from datetime import datetime

from . import events
from .models import Change, Persona, Post, World


def posted(world: World, post: Post) -> None:
    _append(world, event_of(world, post), post.at)


def edit(world: World, post: Post, text: str, at: datetime) -> None:
    post.text, post.version = text, post.version + 1
    post.save()
    _append(world, event_of(world, post, type="edit", at=at), at)


def delete(world: World, post: Post, at: datetime) -> None:
    """The words are gone for good here too; the id stays known."""
    post.text, post.pictures, post.deleted_at, post.version = "", [], at, post.version + 1
    post.save()
    gone = events.Event(
        f"{post.external_id}.gone",
        post.external_id,
        at,
        "delete",
        post.thread,
        private=post.private,
        version=post.version,
    )
    _append(world, gone, at)


def liked(world: World, post: Post, by: Persona | None, at: datetime) -> None:
    who = writer(world, by)
    key = f"{post.external_id}.liked.{who.id}"
    _append(
        world,
        events.Event(key, post.external_id, at, "like", post.thread, private=post.private, author=who),
        at,
    )


def event_of(world: World, post: Post, type: str = "post", at: datetime | None = None) -> events.Event:
    return events.Event(
        key=f"{post.external_id}.{post.version}",
        id=post.external_id,
        at=at or post.at,
        type="edit" if type == "edit" else "post",
        thread=post.thread,
        parent=post.parent,
        private=post.private,
        text=post.text,
        lang=post.lang,
        rating=post.rating,
        version=post.version,
        author=writer(world, post.persona),
        ref=post.ref if post.persona_id else "",
    )


def writer(world: World, persona: Persona | None) -> events.Writer:
    if persona is None:
        return events.Writer(world.external_id, world.handle, world.name)
    return events.Writer(persona.external_id, persona.handle, persona.name, persona.followers)


def _append(world: World, event: events.Event, at: datetime) -> None:
    Change.objects.create(world=world, key=event.key, raw=events.encode(event), at=at)
