"""What is told beside the ranking: parts of lists, mixed units, settings that match nothing."""
