"""The commands of nightly runs."""
