"""Telegram bots, in private chats, groups and for business accounts."""
