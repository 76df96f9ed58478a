"""What counts: filter, select, group and rank, on values alone."""
