"""What we decide: facts and thresholds in, a decision with its reasons out; nothing else happens here."""
