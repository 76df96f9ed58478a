"""What a candidate gives: one result or several, each with its factors and its run."""
