"""Evidence from the values of single cases."""
