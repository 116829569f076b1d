"""Bluesky, and any other service of the AT Protocol. Facts and sources: docs/channels.md#bluesky."""
