"""The `hark` command. Each subcommand is a small file in commands/, loaded when it is called.

Exit codes: 0 done, 1 failed (with a sentence), 2 used wrongly, 130 interrupted.
"""

import importlib
import sys
from typing import Any

import click

from hark.ops.errors import OpsError

COMMANDS = {
    "up": "up",
    "run": "run",
    "migrate": "migrate",
    "db": "db",
    "backup": "backups",
    "restore": "backups",
    "backups": "backups",
    "doctor": "doctor",
    "brand": "brands",
    "user": "brands",
    "link": "brands",
    "import": "history",
    "channels": "channels",
    "coach": "coach",
    "keys": "keys",
    "action-server": "action_server",
}


class Lazy(click.Group):
    """Loads a subcommand's module only when somebody asks for it, and turns OpsError into its sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"hark.ops.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OpsError as error:
            from hark.ops import terminal

            terminal.fail(str(error))
            ctx.exit(1)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=None, version="0.1.0", prog_name="hark")
def cli() -> None:
    """Hark: acknowledge in public, settle in private, close the book.

    Where it keeps its things and where it listens is said by environment variables: HARK_DATA (./var),
    HARK_PORT (8000), HARK_HOST, HARK_PUBLIC_URL, HARK_DATABASE_URL. docs/administrators.md has them all.
    """


def main() -> None:
    try:
        cli(prog_name="hark")
    except KeyboardInterrupt:  # before click could see it
        sys.exit(130)
