"""What to do: everything pre-registered about a study, as data in one TOML file."""
