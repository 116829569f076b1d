"""Comments and direct messages of a TikTok business account."""
