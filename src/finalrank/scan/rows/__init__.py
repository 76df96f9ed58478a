"""From the rows of a table or a log to the results that they are."""
