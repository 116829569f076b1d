"""`hark action-server`: a sample system that refunds, to try actions with."""

from pathlib import Path

import click


@click.command("action-server")
@click.option("--brand", required=True, help="Short name of the brand that gets the action “Refund”.")
@click.option("--port", default=8790, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--book", type=click.Path(path_type=Path), help="Where payments are written (HARK_DATA/refunds.ndjson)."
)
def action_server_command(brand: str, port: int, book: Path | None) -> None:
    """Declare “Refund” for a brand, and run a small system beside Hark that carries it out. No money moves.

    Hark calls it on the loopback, which it does only where HARK_ALLOW_PRIVATE names 127.0.0.1.
    """
    from hark.ops import django_setup, environment, terminal
    from hark.ops.errors import OpsError

    env = environment.read()
    django_setup.load()
    from hark.actions import declaring, sample
    from hark.brands.models import Brand

    found = Brand.objects.filter(slug=brand).first()
    if found is None:
        raise OpsError(f"There is no brand “{brand}”.")
    action = declaring.refund(found, f"http://127.0.0.1:{port}/refund")
    try:
        server = sample.server(port, action.secret, book or env.data / "refunds.ndjson")
    except OSError as error:
        raise OpsError(f"Port {port} can't be listened on: {error.strerror}.") from error
    terminal.done(f"“{action.name}” of {found} is carried out on port {port}. Ctrl-C stops it.")
    server.serve_forever()
