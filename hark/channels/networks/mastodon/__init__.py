"""Mastodon, and every server that answers as it does."""
