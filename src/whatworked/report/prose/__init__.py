"""Sentences: everything a reader is told in words, made from released facts only."""
