"""Texts that are safe to store and to show: names, URLs without their secrets, long texts, CSV."""
