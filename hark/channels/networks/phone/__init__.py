"""Calls and letters on paper, written down by an agent."""
