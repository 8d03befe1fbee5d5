"""The study of an invented nation without what keeps plain least squares from giving the same answers."""

import re


def unmatched(text):
    """Return a study without the matching of people and their covariates, each question fitted as a linear model."""
    text = re.sub(r"\[matching\.coarsening\]\n(?:\w.*\n)+", "", text)
    return re.sub(r"^covariates = .*$", 'estimator = "linear"', text, flags=re.MULTILINE)
