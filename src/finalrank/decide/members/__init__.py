"""Seeds and folds: which runs are the members of one, and what is ranked of them."""
