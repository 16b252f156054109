"""Processes and threads: those that obey this one, and what they may open, take and use."""
