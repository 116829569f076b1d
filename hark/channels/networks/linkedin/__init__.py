"""Comments below the posts of a LinkedIn page, and mentions of it."""
