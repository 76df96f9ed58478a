"""What is found of a metric in a file, and what is wrong with it."""
