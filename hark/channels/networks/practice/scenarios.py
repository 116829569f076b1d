"""Scenario files: who writes what to the brand, when, and what follows from its answers. Format: docs/practice.md."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

FOLDER = Path(__file__).parent / "scenarios"
SPARE_FILE = "people.toml"  # others who may play a part when a scenario comes round again
UNITS = {"s": 1, "m": 60, "h": 3600}

Deed = Literal["post", "comment", "dm", "review", "edit", "delete", "like"]
Cue = Literal["start", "silence", "reply", "invite", "dm", "closing", "like"]
Duration = Annotated[str, msgspec.Meta(pattern=r"^\d+[smh]$")]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody invented. `open_dm` false: the brand can't write first."""

    handle: str
    name: str
    followers: int = 0
    open_dm: bool = True


class Deeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One act. `who` "brand" posts as the brand, outside Hark.

    `on` says what sets it off, `after` how long after that: the start of the play; silence (no answer until then); the
    brand's `nth` public reply to this person; its invitation to private; its `nth` private message once they write
    there; its public reply after the private talk; its like.
    """

    does: Deed
    who: str = ""  # the first of the people
    on: Cue = "start"
    after: Duration = "0s"
    nth: int = 1
    within: Duration | None = None  # only if the answer came at least as fast
    later_than: Duration | None = None  # only if it came slower
    chance: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    id: str = ""
    what: str = ""  # the act whose post is edited or deleted
    to: str = ""  # the act whose post is answered; else the brand's post, else their own last one
    text: str = ""
    lang: str = ""
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    kind: Literal[
        "complaint", "question", "praise", "false claim", "threat", "chatter", "pile-on", "review", "request"
    ]
    people: dict[str, Part]
    acts: Annotated[list[Deeds], msgspec.Meta(min_length=1)]
    lang: str = "en"
    opening: bool = False  # one of those who are there when the console is opened first

    @property
    def first(self) -> str:
        return next(iter(self.people))


def seconds(duration: str) -> float:
    return float(duration[:-1]) * UNITS[duration[-1]]


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by name, in order of name. Raises ValueError that names the file and what is wrong in it."""
    return {path.stem: load(path) for path in sorted(FOLDER.glob("*.toml")) if path.name != SPARE_FILE}


def load(path: Path) -> Scenario:
    try:
        scenario = msgspec.toml.decode(path.read_bytes(), type=Scenario)
        _check(scenario)
    except (msgspec.MsgspecError, ValueError) as problem:
        raise ValueError(f"{path.name}: {problem}") from None
    return scenario


@cache
def spare_people() -> dict[str, list[Part]]:
    """By language: people who take over a part in later rounds, so that nobody says the same thing twice."""
    return msgspec.toml.decode((FOLDER / SPARE_FILE).read_bytes(), type=dict[str, list[Part]])


def cast(scenario: Scenario, position: int, round_: int) -> dict[str, Part]:
    """Who plays which part in this round."""
    spare = spare_people().get(scenario.lang, [])
    if round_ == 0 or not spare:
        return scenario.people
    start = (round_ - 1) * 7 + position
    return {key: spare[(start + n) % len(spare)] for n, key in enumerate(scenario.people)}


def slug(handle: str) -> str:
    return re.sub(r"[^\w]+", "-", handle.lower()).strip("-")


def _check(scenario: Scenario) -> None:
    if not scenario.people:
        raise ValueError("it has no people")
    known = {act.id for act in scenario.acts if act.id}
    for number, act in enumerate(scenario.acts, 1):
        if act.who not in {"", "brand", *scenario.people}:
            raise ValueError(f"act {number}: nobody here is called “{act.who}”")
        if {act.what, act.to} - known - {""}:
            raise ValueError(f"act {number}: no act has the id “{act.what or act.to}”")
        if (act.does in {"edit", "delete"}) != bool(act.what):
            raise ValueError(f"act {number}: `what` names the post that is edited or deleted, and only then")
        if (act.does in {"delete", "like"}) == bool(act.text):
            raise ValueError(f"act {number}: it needs a text, unless it deletes or likes")
        if act.does == "review" and act.rating is None:
            raise ValueError(f"act {number}: a review has a rating")
