"""Stand-ins for networks whose real server can't run here. Each says so, and from which documentation it was written."""
