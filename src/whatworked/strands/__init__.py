"""The analyses: what is run for a question, each the main one with one thing replaced."""
