"""From a file's bytes to a mapping: a module a kind of file."""
