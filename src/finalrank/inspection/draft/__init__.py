"""The finalrank.toml that an inspection suggests."""
