"""The press that moves a conversation to private."""
