"""Run a command or a stage, and measure it."""
