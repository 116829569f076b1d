"""Measurements as ratios: `make bench`, `make bench-F1`. One file a goal; what they share is in harness.py."""
