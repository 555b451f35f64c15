"""One file per way of noticing an incident."""
