"""Running actions, deciding them, declaring them."""
