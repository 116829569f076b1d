"""Facebook Pages and Messenger, over the Graph API."""
