"""Files that appear whole or not at all, where they may, and that survive a power cut."""
