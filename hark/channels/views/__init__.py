"""The settings pages of accounts. One noun a file."""
