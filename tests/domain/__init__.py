"""The domain's rules against tables of cases, naive oracles and invariants."""
