"""What the brand's posts set off: personas hear an answer, an invitation, a private word, a closing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from .acts import pause, script_of
from .models import Act, Persona, Play, Post, World
from .scenarios import seconds

ONE_BREATH = timedelta(seconds=10)  # parts of one long text


def play_of(world: World, persona: Persona | None, parent: str, thread: str) -> Play | None:
    """The scenario that a post of the brand belongs to."""
    known = Play.objects.filter(world=world)
    parent_post = (
        Post.objects.filter(world=world, external_id=parent).select_related("play").first()
        if parent
        else None
    )
    if parent_post and parent_post.play:
        return parent_post.play
    public = known.filter(thread=thread).first() if thread else None
    if public or persona is None:
        return public
    return known.filter(acts__persona=persona).order_by("-number").first()


def hear(world: World, post: Post, *, invited: bool) -> None:
    """Set off what waits for this post: each act once, its pause counted from now."""
    play, persona = post.play, post.to
    if play is None or persona is None or _goes_on(world, post):
        return
    play.answered_at = post.at
    play.save()
    waiting = Act.objects.filter(play=play, persona=persona, done_at=None, dropped_at=None)
    waiting.filter(waits_for="silence").update(dropped_at=post.at)
    cue, nth = _cue(play, persona, post, invited, waiting.filter(due_at=None))
    for act in waiting.filter(due_at=None, waits_for=cue).order_by("number"):
        script = script_of(act)
        if script.nth != nth:
            continue
        if not _in_time(world, play, persona, post, script.within, script.later_than):
            act.dropped_at = post.at
        else:
            act.due_at, act.cause = post.at + pause(world, play, act.number, script), post.external_id
        act.save()


def like(world: World, post: Post, at: datetime) -> None:
    """The brand liked a customer's post."""
    if post.play is None:
        return
    for act in Act.objects.filter(
        play=post.play, persona=post.persona, waits_for="like", due_at=None, dropped_at=None
    ):
        act.due_at = at + pause(world, post.play, act.number, script_of(act))
        act.save()


def _cue(play: Play, persona: Persona, post: Post, invited: bool, waiting: QuerySet[Act]) -> tuple[str, int]:
    """What the post means to this person, and the how many-eth of its kind it is."""
    own_private = Post.objects.filter(play=play, persona=persona, private=True)
    private = Post.objects.filter(play=play, to=persona, private=True)
    if post.private:
        if not own_private.exists():
            return "invite", 1
        since = own_private.earliest("at").at
        return "dm", private.filter(at__gte=since).count()
    if invited and waiting.filter(waits_for="invite").exists():
        return "invite", 1
    if own_private.exists() and private.exists():
        return "closing", 1
    return "reply", Post.objects.filter(play=play, to=persona, private=False, persona=None).count()


def _goes_on(world: World, post: Post) -> bool:
    """Whether this is the next part of a text that the brand has just begun."""
    parent = (
        Post.objects.filter(world=world, external_id=post.parent, persona=None).first()
        if post.parent
        else None
    )
    return parent is not None and post.at - parent.at < ONE_BREATH


def _in_time(
    world: World, play: Play, persona: Persona, post: Post, within: str | None, later_than: str | None
) -> bool:
    """Whether the answer came in the time that the scenario names, counted from the first words it left waiting."""
    before = Post.objects.filter(play=play, at__lte=post.at).exclude(pk=post.pk)
    answered = before.filter(to=persona).order_by("-at").first()
    own = before.filter(persona=persona, at__gt=answered.at) if answered else before.filter(persona=persona)
    first = own.order_by("at").first()
    waited = (post.at - first.at).total_seconds() * world.pace if first else 0.0
    return (within is None or waited <= seconds(within)) and (
        later_than is None or waited > seconds(later_than)
    )
