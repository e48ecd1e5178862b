"""The client of the beacon against relays of every kind, over real HTTP on loopback."""
