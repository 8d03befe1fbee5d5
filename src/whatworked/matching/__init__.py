"""Against whom: comparator areas with the same trend."""
