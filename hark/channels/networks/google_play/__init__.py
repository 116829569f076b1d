"""Reviews of an app in Google Play."""
