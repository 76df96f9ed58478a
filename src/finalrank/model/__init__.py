"""The frozen values that one stage gives to the next."""
