"""What metrics are called, and which way each is better."""
