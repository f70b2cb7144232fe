"""The command line: one thin module per command.

A command imports what it needs when it runs, so that `--help` and a cold `check` pay for nothing
else.
"""
