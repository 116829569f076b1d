"""Words for whoever sits at the terminal: colour where there is one, plain lines where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    out.print(line, style="dim", markup=False)


def done(line: str) -> None:
    out.print("[green]✓[/green]", end=" ")
    out.print(line, markup=False)


def warn(line: str) -> None:
    err.print("[yellow]![/yellow]", end=" ")
    err.print(line, markup=False)


def fail(line: str) -> None:
    err.print("[red]✗[/red]", end=" ")
    err.print(line, markup=False)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal; nothing at all in a log file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        yield bar, bar.add_task(what, total=total)
