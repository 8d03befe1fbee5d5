"""Cohorts: which events of people's records a question is about, what came of them, and which were left out."""
