"""What can be configured: the settings, their defaults, and where they are read from."""
