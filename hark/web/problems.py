"""What a verb raises when it can't be done."""


class NotPossible(Exception):
    """A verb that can't be done now; its text is a sentence for people."""
