"""`hark coach`: what the coach says about drafts, for tuning and tests."""

import sys
from pathlib import Path

import click

from hark.ops.errors import OpsError


@click.group("coach")
def coach_command() -> None:
    """The coach of the composer, without the composer."""


@coach_command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
def check(file: Path) -> None:
    """Print what the coach finds in each draft of FILE (NDJSON; - reads standard input).

    In: {"id", "draft", "customer", "customer_name" or null, "network", "public"}; in a crisis also "crisis": true (or what
    it is) and "blocks": the approved texts.
    Out: {"id", "findings": [{"check", "value", "level", "span", "reason"}]}, a line for each line.
    A line that can't be read gives {"id": null, "line", "error"}, and exit code 1 after the rest.
    Needs no database and no running installation.
    """
    from hark.ops import django_setup

    django_setup.load()
    from hark.replies.coach import checking

    content = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    wrong = 0
    with content:
        for number, line in enumerate(content, 1):
            if not line.strip():
                continue
            answer, read = checking.answer(line, number)
            wrong += not read
            click.echo(answer)
    if wrong:
        raise OpsError(f"{wrong} lines can't be read.")
