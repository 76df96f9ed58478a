"""How far a ranking can be trusted: small functions on plain values, formulas with their source."""
