"""Pages of promises."""
