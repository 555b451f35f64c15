"""`python -m tidings` is the `tidings` command."""

from tidings.config.command import main

main()
