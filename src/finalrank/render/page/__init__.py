"""What a page template is given."""
