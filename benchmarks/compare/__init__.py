"""Compare Labelhouse with what one would use instead."""
