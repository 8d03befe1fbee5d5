"""What was found: everything computed, as small frozen objects that travel to JSON and back unchanged."""
