"""Plain words for the names that the code uses."""

import re

from whatworked.vocabulary import Arm, Estimator, Method, Phase, Rating, Role

SOURCE_TEST = "The source's test: errors clustered by area (CR1)"

METHODS = {
    Method.CR1: SOURCE_TEST,
    Method.CR2: "Bias-reduced clustered errors (CR2), Satterthwaite degrees of freedom",
    Method.CR3: "Jackknife over areas (CR3)",
    Method.WILD_RESTRICTED: "Wild cluster bootstrap, no-change hypothesis imposed",
    Method.RANDOMISATION: "Randomisation inference: other areas as if they had been pilots",
    Method.COLLAPSED_T: "Two-sample t-test on one change per area",
    Method.STACKED: "Stacked form: every matched group with its own area and period levels",
    Method.PERSON: "Errors clustered by person",
    Method.TWO_WAY: "Errors clustered by area and by person",
}
RATINGS = {
    Rating.NO_CAUSAL_READING: "No causal reading",
    Rating.NO_EVIDENCE: "No evidence of an effect",
    Rating.VERY_LOW: "Very low-strength evidence",
    Rating.LOW: "Low-strength evidence",
    Rating.MODERATE: "Moderate-strength evidence",
    Rating.HIGH: "High-strength evidence",
}
ROLES = {
    Role.MAIN: "Main",
    Role.SENSITIVITY: "Sensitivity",
    Role.SECONDARY: "Secondary",
    Role.LEADS: "Leads",
    Role.LAGS: "Lags",
    Role.ADDITIONAL: "Additional",
    Role.RULE_SET: "Other rule set",
}
PHASES = {Phase.BASELINE: "Before", Phase.SETTLING_IN: "Settling in", Phase.POST: "After"}
ARMS = {Arm.PILOT: "Pilot", Arm.COMPARATOR: "Comparator"}
ESTIMATORS = {
    Estimator.LINEAR: "Linear regression",
    Estimator.LOGIT: "Logistic regression",
    Estimator.FIXED_EFFECTS: "Linear, with a fixed effect for each person",
    Estimator.RANDOM_EFFECTS: "Linear, with a random effect for each person",
}

DECISIONS = {
    "trends": "Did pilots and comparators move alike before the start?",
    "scope": "Which analyses does the question get?",
    "inference": "Which test carries the headline?",
    "evidence": "How strong is the evidence?",
    "additions": "Does anything beside the pre-registered test draw another conclusion?",
    "family": "Linear or logistic regression?",
    "multilevel": "Do the errors ask for effects of people?",
    "effects": "Fixed or random effects of people?",
    "main_model": "Which model carries the question?",
    "rule_sets": "Does the other rule set conclude otherwise?",
}
TESTS = {
    "leads_insignificant": "Leads not significant (the source's rule)",
    "leads_joint": "All leads together (Hotelling's test)",
    "drift_per_year": "Drift a year that the power is stated for",
    "bias_of_drift": "What that drift would add to the estimate",
    "power_majority_rule": "Power of the source's rule against that drift",
    "power_joint_test": "Power of the joint test against that drift",
    "serial_correlation": "Serial correlation: do a person's errors follow one another?",
    "breusch_godfrey_chi2": "Serial correlation, Breusch–Godfrey, chi-squared form",
    "breusch_godfrey_f": "Serial correlation, Breusch–Godfrey, F form",
    "hausman": "Fixed against random effects of people (Hausman)",
    "mundlak": "The same by Mundlak's form, clustered by person",
    "repeated_share": "Rows of people seen more than once (%)",
    "recurrence_f": "Do outcome and covariates tell who is seen again? (joint F test)",
    "composition": "Does the intervention change who is seen?",
}
BRANCHES = {
    "trends_hold": "Alike enough: the trends are held to be parallel",
    "trends_fail": "Not alike: the trends are held not to be parallel",
    "trends_untested": "The trends could not be tested",
    "primary_and_sensitivity": "The primary analysis and every analysis beside it",
    "primary_only": "The primary analysis only",
    "additions_agree": "No: all additions agree with it",
    "additions_disagree": "Yes: not all additions agree with it",
    "nothing_to_compare": "There is nothing to compare",
    "rule_sets_agree": "No: it concludes the same",
    "rule_sets_disagree": "Yes: it concludes otherwise",
    "as_reported": "The rule set as reported",
    "as_coded": "The rule set as coded",
    "not_estimated": "no estimate",
    "not_significant": "nothing beyond chance",
    "significant_rise": "a rise beyond chance",
    "significant_fall": "a fall beyond chance",
    "none": "No test",
    "pooled": "No: all rows in one model without effects of people",
    "multilevel": "Yes: models with effects of people are considered",
    **{estimator.value: words for estimator, words in ESTIMATORS.items()},
    **{method.value: words for method, words in METHODS.items()},
    **{rating.value: words for rating, words in RATINGS.items()},
}

_TERMS = {
    "(intercept)": "Intercept",
    "pilot": "Pilot area",
    "post": "After the start",
    "pilot:post": "Pilot area × after the start (the effect)",
}


def plain(name: str) -> str:
    """Return a name of the code as words: `too_few_areas` becomes `too few areas`."""
    return name.replace("_", " ") if re.fullmatch(r"[a-z0-9_]+", name) else name


def decision_in_words(decision: str) -> str:
    """Return what a decision was about."""
    return DECISIONS.get(decision, sentence_case(plain(decision)))


def branch_in_words(branch: str) -> str:
    """Return a branch of a decision in words, with the condition that follows its name, if any."""
    name, colon, condition = branch.partition(":")
    return f"{BRANCHES.get(name, plain(name))}{colon}{condition}"


def test_in_words(name: str) -> str:
    """Return what a test is called; what follows a colon (`composition: age`) is what it is of."""
    known, colon, of = name.partition(": ")
    return f"{TESTS.get(known, sentence_case(plain(known)))}{' – ' if colon else ''}{plain(of)}"


def sentence_case(words: str) -> str:
    """Return the words with a capital at their head."""
    return words[:1].upper() + words[1:]


def lead_or_lag(term: str) -> int | None:
    """Return the period of a lead or a lag against the start (`pilot:k=-3` is -3), None for another term."""
    found = re.fullmatch(r"pilot:k=([+-]?\d+)", term)
    return int(found[1]) if found else None


def term_in_words(term: str) -> str:
    """Return a model's term as a table prints it."""
    if term in _TERMS:
        return _TERMS[term]
    k = lead_or_lag(term)
    if k is not None:
        return f"Pilot area × {period_in_words(k)}"
    found = re.fullmatch(r"(\w+)\[(.+)\]", term)
    return f"{sentence_case(plain(found[1]))} {plain(found[2])}" if found else plain(term)


def period_in_words(k: int) -> str:
    """Return a period counted from the start in words: -1 is the last before it, 0 the first of the new regime."""
    if k < 0:
        return f"{-k} {'period' if k == -1 else 'periods'} before"
    return "first period after" if k == 0 else f"{k} {'period' if k == 1 else 'periods'} later"
