"""The composer, what leaves through it, and what can still be done to a reply after the press."""
