"""What numbers files hold, before there is a configuration."""
