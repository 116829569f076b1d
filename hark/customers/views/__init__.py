"""The people a brand knows."""
