"""How much: from cells and Gram matrices to estimates and their uncertainty, in NumPy alone."""
