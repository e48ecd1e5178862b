"""What PostgreSQL holds: modules of async functions, connection first, SQL beside its function.

Functions never open a transaction of their own; the flow that calls them decides what belongs
together.
"""
