"""`hark channels`: what networks can do, and what an adapter makes of recorded payloads."""

from pathlib import Path

import click

from hark.ops.errors import OpsError
from hark.ops.terminal import out

COLUMNS = ("inbound", "comes by", "public", "private", "hand-off", "also", "needs")


@click.group("channels", invoke_without_command=True)
@click.pass_context
def channels_command(ctx: click.Context) -> None:
    """The capability matrix: which networks Hark speaks and what each allows."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_channels)


@channels_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
@click.option("--markdown", is_flag=True, help="The table of docs/channels.md.")
def list_channels(as_json: bool, markdown: bool) -> None:
    """Every network with its capabilities."""
    from hark.ops import capability_table, channel_reading, django_setup

    django_setup.load()
    if markdown:
        click.echo(capability_table.table())
        return
    rows = channel_reading.matrix()
    if as_json:
        for line in channel_reading.as_ndjson(rows):
            click.echo(line)
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("network", no_wrap=True, min_width=max(len(str(row["network"])) for row in rows))
    for title in COLUMNS:
        table.add_column(title)
    for row in rows:
        table.add_row(str(row["network"]), *(channel_reading.cell(row, column) for column in COLUMNS))
    out.print(table)


@channels_command.command("read")
@click.argument("network")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--lines", is_flag=True, help="FILE holds one payload a line, as *.ndjson does by itself.")
def read(network: str, file: Path, lines: bool) -> None:
    """Print, as NDJSON, the messages that the adapter of NETWORK reads out of the payloads in FILE.

    FILE may be packed with gzip. Recordings (lines with "case" and "payload" or "response") are known by their shape. What
    carries no message gives {"case", "skipped"} with the reason; where it has no name, "case" is its number.

    Exit code 1 when a payload can't be read; each is named on the error stream, and the others are still printed.
    """
    import sys

    from hark.ops import channel_reading, django_setup, terminal

    django_setup.load()
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    bodies = channel_reading.bodies(content, lines=lines or ".ndjson" in file.suffixes)
    problems = 0
    for found in channel_reading.read_bodies(network, bodies):
        if isinstance(found, channel_reading.Problem):
            problems += 1
            terminal.fail(str(found))
        else:
            click.echo(found)
    if problems:
        raise OpsError(f"{problems} payloads can't be read.")
