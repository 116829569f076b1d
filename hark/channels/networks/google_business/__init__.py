"""Reviews of a place on Google Maps and Search."""
