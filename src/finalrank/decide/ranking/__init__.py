"""Ranks: per metric, in the combined order, and how equal values share them."""
