"""One file per way in. Found by the registry; a door keeps what comes before it says so to the other side."""
