"""How far a ranking can be trusted: small functions on plain values, each with its source."""
