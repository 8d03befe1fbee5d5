"""Figures: chart descriptions made from released tables, drawn without a network."""
