"""Keep a warehouse sound: verify, restore, compact, remove what nothing needs."""
