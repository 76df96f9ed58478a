"""Assembles the one Report that every format prints."""
