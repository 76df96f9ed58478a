"""Results with factors: which of them count, and the datasets that they are of."""
