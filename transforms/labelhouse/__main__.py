"""Run the command line with `python -m labelhouse`."""

from labelhouse.cli import main

main()
