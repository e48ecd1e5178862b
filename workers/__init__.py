"""When: arq jobs that take a due row, call one flow, and translate its outcome.

Redis is only the doorbell. Everything that is due stands in PostgreSQL, and the sweep finds what no
bell has rung for.
"""
