"""How names are made safe to show, and near misses of them."""
