"""A practice beacon that speaks its real protocol over real HTTP.

For the demo, dry runs and integrators' own tests: the service's real clients run against it. What
comes from here proves nothing about chance.
"""
