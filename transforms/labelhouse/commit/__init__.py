"""One transaction: staged documents become rows, with their history."""
