"""Invented people's records with a known effect, in the formats of the real returns; they are about nobody."""
