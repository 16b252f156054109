"""Documents that are staged together: counted, ended and stored as columns."""
