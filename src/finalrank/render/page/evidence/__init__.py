"""What the templates of the evidence are given: a module a part. No new figures but counts."""
