"""SQL of other people: what it may do, and the connection that runs it."""
