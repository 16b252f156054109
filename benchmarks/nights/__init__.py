"""See what a night costs, and whether a warehouse grows from night to night."""
