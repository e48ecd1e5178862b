"""Fraud signals: what stands out about an account, explained, and added up to a score.

Signals flag; only published rules exclude. One file holds the signals of a kind, and `scores` all
of them; what they compare an account with is found by `neighbours`, `paces`, `groups` and `copies`.
Pure, and so is all that it knows: nothing here was asked of a platform for this.
"""
