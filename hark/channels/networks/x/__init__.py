"""X (Twitter), API v2 with the X Activity API; the older Account Activity shapes are read as well."""
