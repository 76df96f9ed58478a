"""The tables of `finalrank.toml`, a module each, as they grow out of `sections`."""
