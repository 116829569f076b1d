"""`hark keys`: the keys that seal credentials."""

import click

from hark.ops.terminal import done


@click.group("keys")
def keys_command() -> None:
    """The keys in $HARK_DATA/keys. Without them nobody opens the stored credentials: keep a copy somewhere safe."""


@keys_command.command()
def rotate() -> None:
    """Make a new key, seal every account's credentials with it, then drop the old ones.

    Processes that run keep the old keys until they are started again, so stop `hark up` first.
    """
    from hark.ops import django_setup, environment, keys
    from hark.ops.errors import OpsError

    env = environment.read()
    if django_setup.is_up(env):
        raise OpsError("Hark is running with the present keys: stop it, rotate, then start it again.")
    keys.rotate(env)
    with django_setup.database():
        from hark.ops import resealing

        count = resealing.reseal_all()
    keys.retire(env)
    done(
        f"New key in place; the credentials of {count} accounts are sealed with it, and the old keys are gone."
    )
