"""The protocol's own code against the given cases, naive oracles and invariants."""
