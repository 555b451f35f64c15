"""Pages of what comes in: the list, one conversation or mail, the doors; and the address where other servers hand mail in."""
