"""What a network allows in a day, counted once for all processes: one statement that takes or refuses.

Kept by name (an account, or an app that several accounts share), not by account: it is the network that counts so.
"""

from __future__ import annotations

from django.db import connection

TAKE_SQL = """
    INSERT INTO channels_allowance AS held (name, day, used) SELECT %(name)s, %(day)s::date, %(units)s
    WHERE %(units)s <= %(most)s
    ON CONFLICT (name, day) DO UPDATE SET used = held.used + EXCLUDED.used WHERE held.used + EXCLUDED.used <= %(most)s
    RETURNING used
"""


def take(name: str, day: str, units: int, most: int) -> bool:
    """Count these units if they still fit; whether they did. Leaves no connection open that was not (threads that poll)."""
    was_open = connection.connection is not None
    try:
        with connection.cursor() as cursor:
            cursor.execute(TAKE_SQL, {"name": name[:200], "day": day, "units": units, "most": most})
            return cursor.fetchone() is not None
    finally:
        if not was_open:
            connection.close()
