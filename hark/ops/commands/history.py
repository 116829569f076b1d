"""`hark import`: bring a team's past."""

from pathlib import Path
from typing import Any

import click

from hark.ops.errors import OpsError
from hark.ops.terminal import done, out, progress, say, warn

COLUMN = "COLUMN"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--brand", "slug", metavar="SLUG", help="Whose history it is. Not needed when there is one brand."
)
@click.option(
    "--account", "name", metavar="NAME", help="Name of the archive it goes into; else the file's name."
)
@click.option(
    "--id", "id", metavar=COLUMN, default="", help="The source's own id of a message: makes it repeatable."
)
@click.option("--text", metavar=COLUMN, default="")
@click.option(
    "--author", metavar=COLUMN, default="", help="What never changes about the author: an id or handle."
)
@click.option("--author-name", metavar=COLUMN, default="")
@click.option("--at", metavar=COLUMN, default="", help="When it was said.")
@click.option("--thread", metavar=COLUMN, default="")
@click.option("--reply-to", metavar=COLUMN, default="", help="The id of the message answered.")
@click.option(
    "--private", metavar=COLUMN, default="", help="Yes in this column: a private message. !COLUMN: no."
)
@click.option(
    "--outbound", metavar=COLUMN, default="", help="Yes in this column: said by the brand. !COLUMN: no."
)
@click.option("--lang", metavar=COLUMN, default="")
@click.option("--url", metavar=COLUMN, default="")
@click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="Only lines with this value; may be repeated."
)
@click.option(
    "--time-format", default="", help="As in strptime, where times are neither ISO nor another common form."
)
@click.option("--zone", default="UTC", help="Zone of times that name none.", show_default=True)
@click.option("--encoding", default="", help="Of the text; else UTF-8, or UTF-16 when the file says so.")
@click.option("--delimiter", default="", help="Between columns of a CSV; else found out.")
@click.option("--kind", type=click.Choice(["csv", "ndjson"]), help="Of the file; else by its name.")
@click.option(
    "--open", "is_open", is_flag=True, help="The messages wait for an answer; else they are history."
)
@click.option("--dry-run", is_flag=True, help="Read everything, store nothing, say what would happen.")
def import_command(file: Path, slug: str | None, name: str | None, dry_run: bool, **options: Any) -> None:
    """Import messages from a CSV or NDJSON FILE (.gz too), one a line.

    Columns are guessed from their names and shown first; options name what was guessed wrongly. Running it again imports
    nothing twice, and a run that was stopped goes on. Bad lines are named and kept aside. Exit code 1 when there are some.
    """
    from hark.ops import django_setup

    with django_setup.database():
        _import(file, slug, name, dry_run, options)


def _import(file: Path, slug: str | None, name: str | None, dry_run: bool, options: dict[str, Any]) -> None:
    from hark.channels import importing

    brand = _brand(slug)
    reading = {key: options.pop(key) or "" for key in ("encoding", "delimiter", "kind")}
    try:
        columns = importing.Columns(**{**options, "where": _where(options["where"])})
        source = importing.Source(file, **reading)
        columns = importing.guess(source.header, columns)
        for role, column in columns.named().items():
            say(f"{role.replace('_', ' '):12} {column}")
        if problems := columns.problems(source.header):
            raise OpsError(" ".join([*problems, f"The columns are: {', '.join(source.header)}."]))
        with progress(file.name, source.size_bytes) as (bar, task):

            def show(source: importing.Source, report: importing.Report) -> None:
                bar.update(task, completed=source.done_bytes)

            if dry_run:
                report = importing.check(source, columns, on_progress=show)
            else:
                account = importing.account_for(brand, name or file.name.split(".")[0])
                report = importing.run(source, columns, account, on_progress=show)
    except importing.NotASource as problem:
        raise OpsError(str(problem)) from None
    _tell(report, dry_run)


def _tell(report: Any, dry_run: bool) -> None:
    if report.resumed_at:
        say(f"Went on after line {report.resumed_at:,}, where an earlier run was stopped.")
    out.print(
        f"{report.read:,} lines: {report.new:,} {'would be imported' if dry_run else 'imported'}, "
        f"{report.known:,} known already, {report.left_out:,} left out, {report.bad:,} bad.",
        markup=False,
    )
    for problem in report.first_problems:
        warn(problem)
    if report.bad:
        kept = f" All of them are in {report.bad_file}." if report.bad_file else ""
        raise OpsError(f"{report.bad:,} lines are bad; the others are fine.{kept}")
    done(
        "Nothing was stored: a dry run." if dry_run else "Imported. They appear as the worker takes them in."
    )


def _where(pairs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    for pair in pairs:
        if "=" not in pair:
            raise OpsError(f"--where {pair}: say COLUMN=VALUE.")
    return tuple((column, value) for column, _, value in (pair.partition("=") for pair in pairs))


def _brand(slug: str | None) -> Any:
    from hark.brands.models import Brand

    brands = list(Brand.objects.filter(slug=slug) if slug else Brand.objects.order_by("slug")[:2])
    if len(brands) == 1:
        return brands[0]
    raise OpsError(f"There is no brand “{slug}”." if slug else "Say whose history it is with --brand.")
