"""Where a warehouse lies: in a folder of this machine, or in a database and an object store of a team."""
