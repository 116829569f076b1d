"""The one error that commands show to people."""


class OpsError(Exception):
    """Something the operator can put right. Its text is one sentence (or a few) for people, without a traceback."""
