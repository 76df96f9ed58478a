"""The command line: a module a command; the only package that knows click."""
