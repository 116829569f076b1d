"""What the verbs of a case raise."""

from hark.web.problems import NotPossible

__all__ = ["NotPossible"]
