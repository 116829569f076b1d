"""What personas do: planned when a scenario begins, performed when they are due."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from . import feed
from .models import Act, Persona, Play, Post, World
from .scenarios import Deeds, Scenario, seconds

TIMED = {"start", "silence"}


def plan(world: World, play: Play, scenario: Scenario, people: Mapping[str, Persona]) -> None:
    """Lay out the acts of a scenario. What is left to chance is decided here, by the seed."""
    planned = []
    for number, act in enumerate(scenario.acts, 1):
        if act.chance < 1 and _dice(world, play, number).random() >= act.chance:
            continue
        due = play.started_at + pause(world, play, number, act) if act.on in TIMED else None
        planned.append(
            Act(
                play=play,
                number=number,
                persona=people.get(act.who or scenario.first),
                script=msgspec.to_builtins(act) | {"lang": act.lang or scenario.lang},
                waits_for="" if act.on == "start" else act.on,
                due_at=due,
            )
        )
    Act.objects.bulk_create(planned)


def pause(world: World, play: Play, number: int, act: Deeds) -> timedelta:
    """`after`, give or take a tenth, at the world's pace."""
    about = _dice(world, play, -number).uniform(0.9, 1.1) * seconds(act.after)
    return timedelta(seconds=about / world.pace)


def script_of(act: Act) -> Deeds:
    return msgspec.convert(act.script, Deeds)


def perform(world: World, act: Act) -> None:
    """Do what is due. An act whose object has gone (a deleted post, a reply taken back) is dropped."""
    at = act.due_at
    assert at is not None
    script = script_of(act)
    done = (
        _change(world, act, script, at)
        if script.does in {"edit", "delete", "like"}
        else _say(world, act, script, at)
    )
    if done is None:
        act.dropped_at = at
    else:
        act.post, act.done_at = done, at
    act.save()


def _say(world: World, act: Act, script: Deeds, at: datetime) -> Post:
    play, persona = act.play, act.persona
    identity = hashlib.sha256(f"{world.external_id}:{play.number}:{act.number}".encode()).hexdigest()[:16]
    private = script.does == "dm"
    if private and persona is not None:
        thread, parent = f"dm-{persona.external_id}", ""
    else:
        parent = "" if script.does in {"post", "review"} else _answered(act, script)
        thread = play.thread or identity
    post = Post.objects.create(
        world=world,
        external_id=identity,
        play=play,
        persona=persona,
        thread=thread,
        parent=parent,
        private=private,
        text=script.text,
        lang=script.lang,
        rating=script.rating,
        ref=_ref(act) if private else "",
        at=at,
    )
    if not private and not play.thread:
        play.thread = thread
        play.save()
    feed.posted(world, post)
    return post


def _answered(act: Act, script: Deeds) -> str:
    """The post that a comment stands under."""
    if script.to:
        return _post_of(act, script.to)
    if (
        act.cause
        and not Post.objects.filter(world=act.play.world, external_id=act.cause, private=True).exists()
    ):
        return act.cause
    own = (
        Post.objects.filter(play=act.play, persona=act.persona, private=False, deleted_at=None)
        .order_by("-at")
        .first()
    )
    return own.external_id if own else act.play.thread


def _ref(act: Act) -> str:
    """Who follows a link to private brings its token along."""
    cause = Post.objects.filter(world=act.play.world, external_id=act.cause).first() if act.cause else None
    return cause.ref if cause else ""


def _post_of(act: Act, name: str) -> str:
    named = Act.objects.filter(play=act.play, script__id=name).select_related("post").first()
    return named.post.external_id if named and named.post else act.play.thread


def _change(world: World, act: Act, script: Deeds, at: datetime) -> Post | None:
    wanted = act.cause if script.does == "like" else _post_of(act, script.what)
    post = Post.objects.filter(world=world, external_id=wanted, deleted_at=None).first()
    if post is None:
        return None
    if script.does == "like":
        post.likes += 1
        post.save()
        feed.liked(world, post, act.persona, at)
    elif script.does == "edit":
        feed.edit(world, post, script.text, at)
    else:
        feed.delete(world, post, at)
    return post


def _dice(world: World, play: Play, number: int) -> random.Random:
    return random.Random(f"{world.seed}:{play.number}:{number}")
