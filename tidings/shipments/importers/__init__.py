"""One file per import format; pure readers that turn bytes into rows and faults."""
