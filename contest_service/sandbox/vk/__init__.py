"""The practice VK: a server on loopback that behaves as api.vk.com and id.vk.com do.

It holds a world of people, communities, posts and what people did, and answers VK's methods about
it with VK's shapes, limits, errors and delays, so that the real adapter, and any other VK client,
runs against it. Nothing here is known to VK, and nobody in it is real. `server` says how to start
and use it.
"""
