"""What is true: contests, schedules, rules, conditions, evidence and eligibility.

Pure: no I/O, no clock, no randomness. Times and bytes are arguments.
"""
