"""Reddit: comments, posts and mentions, and the modmail of communities that the account moderates."""
