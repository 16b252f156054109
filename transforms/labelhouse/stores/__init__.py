"""Object stores that outputs go to."""
