"""What a report looks like: a module a format."""
