"""From bytes to events: the contract of a reader, the readers, and what they share."""
