"""What we hold: files become tables of a known grain, and everything found in them is counted."""
