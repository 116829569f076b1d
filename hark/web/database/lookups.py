"""Conditions that lead along an index although the plan does not know what is looked for.

A kept plan is made before the values are known: LIKE can't use the index of beginnings then, and an ordered list of few rows
is taken for one of many.
"""

from __future__ import annotations

from typing import Any

from django.db import models

LAST_LETTER = "\U0010ffff"


class Compared(models.Lookup):
    """Left and right, put into `sql`."""

    sql: str

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, of_left = self.process_lhs(compiler, connection)
        right, of_right = self.process_rhs(compiler, connection)
        return self.sql % (left, right), (*of_left, *of_right)


class From(Compared):
    """At or after this text, byte by byte."""

    lookup_name, sql = "bytes_from", "%s ~>=~ %s"


class Below(Compared):
    """Before this text, byte by byte."""

    lookup_name, sql = "bytes_below", "%s ~<~ %s"


class Holds(Compared):
    """A tsvector in which a tsquery is found."""

    lookup_name, sql = "holds", "%s @@ %s::tsquery"


class AnyOf(Compared):
    """One of an array, which is made first: by its own indexes, whatever else is asked of the rows."""

    lookup_name, sql = "any_of", "%s = ANY(%s)"


def begins(expression: Any, text: str) -> models.Q:
    """Whether the expression begins so; for an index with text_pattern_ops."""
    return models.Q(From(expression, models.Value(text))) & models.Q(
        Below(expression, models.Value(text + LAST_LETTER))
    )
