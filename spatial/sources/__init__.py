"""Where studies come from: the packaged sample, and later other sources."""
