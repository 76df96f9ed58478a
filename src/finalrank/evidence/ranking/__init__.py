"""Evidence from the table of ranks."""
