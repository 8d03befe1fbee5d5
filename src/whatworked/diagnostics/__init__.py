"""May we believe it: tests of what the design assumes, and how much they could have seen."""
