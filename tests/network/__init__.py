"""The real AT-protocol network for the tests: installing it, running it, acting on it."""
