"""The report: one HTML page about what the warehouse holds, with plots and drawings, and no network."""
