"""Blogs, news and forums by their feeds: listening only."""
