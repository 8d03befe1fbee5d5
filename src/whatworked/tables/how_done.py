"""How this study was done, for its technical appendix: a paragraph for every part that ran, and for no other."""

from collections.abc import Iterator

from whatworked.cells import Words
from whatworked.findings.model import Findings, InferenceRow, QuestionFindings
from whatworked.tables.model import Passage
from whatworked.tables.names import AreaNames
from whatworked.vocabulary import Estimator, Method, Role

COMPARED, PEOPLE, MODELS, CHANCE, DESIGN = "how_compared", "how_people", "how_models", "how_chance", "how_design"

_TERMS = "a term for pilots, one for the time after the start, their product (the effect), and one for each period"
_MODELS = {
    Estimator.LINEAR: "Linear regression: weighted least squares of the outcome on " + _TERMS + ", and on the "
    "covariates that the protocol names. A column that those before it already tell is left out, and the table of the "
    "model says so.",
    Estimator.LOGIT: "Logistic regression, for an outcome that few have: the same terms, fitted by weighted maximum "
    "likelihood. The effect is told as the average marginal effect over the pilots’ rows after the start: what the "
    "model says with the effect, less what it says without it. Where a term tells some outcomes exactly there is no "
    "such fit, and the linear model stands in its place. CR2 is defined for least squares alone.",
    Estimator.FIXED_EFFECTS: "An effect for each person: the linear model on people seen more than once in their area "
    "and matched group, each person’s weighted mean taken out. People seen once leave, and the weights of those who "
    "stay are worked out anew. The small-sample factor counts the slopes and one.",
    Estimator.RANDOM_EFFECTS: "A random effect for each person: quasi-demeaned least squares with the moments of Swamy "
    "and Arora for unbalanced panels; a unit’s sum of weights takes the place of its number of rows.",
}
_CHANCE = {
    Method.CR1: "The test registered beforehand, here called the source’s test: errors may correlate within areas "
    "(CR1), with the factor G/(G − 1) · (n − 1)/(n − k) for G areas, n rows and k terms, read against {reference}.",
    Method.CR2: "Bias-reduced errors (CR2) with Satterthwaite’s degrees of freedom, which fall where areas are few or "
    "unlike.",
    Method.CR3: "The jackknife over areas (CR3).",
    Method.WILD_RESTRICTED: "The wild cluster bootstrap with the hypothesis of no change imposed: signs of whole "
    "areas are flipped, all ways up to 14 areas, else 9,999 draws from the seed; the interval holds every effect that "
    "the test does not reject.",
    Method.RANDOMISATION: "Randomisation inference: how large the studentised estimate would be had other areas been "
    "the pilots; dates stay with rows and weights are held fixed.",
    Method.COLLAPSED_T: "A two-sample t-test on one change for each area, areas weighing equally.",
    Method.STACKED: "The stacked form: every matched group with area and period effects of its own; "
    "bias-reduced errors (CR2) of that whole design, clustered on areas, with Satterthwaite’s degrees of freedom.",
    Method.PERSON: "Errors clustered on people, where errors follow one another and the main model does not handle it.",
    Method.TWO_WAY: "Errors clustered on areas and on people.",
}
_SCORE = (
    "In a logit the bootstrap is that of the score (Kline and Santos), randomisation refits the logit for each "
    "assignment, and the collapsed and the stacked form are linear."
)
_DESIGN = {
    "leads_insignificant": "Trends before the start: the model with an effect for each period around the start, the "
    "last one before it being the reference. By the source’s rule trends are held to be parallel where more than half "
    "of the leads are not significant.",
    "leads_joint": "Beside it all leads at once, by Hotelling’s two-sample test on the areas’ own changes.",
    "power_majority_rule": "Power: how often either test would notice a steady drift of the pilots, by default half a "
    "standard error of the effect a year.",
    "serial_correlation": "Serial correlation: {serial}. Breusch and Godfrey’s forms stand beside it.",
    "hausman": "Fixed against random effects: Hausman’s test with classical covariances, by a generalised inverse "
    "where their difference is not positive definite. Mundlak’s form, clustered on people, stands beside it.",
    "repeated_share": "Recurrence: the share of rows of people seen more than once, and an F test of whether outcome "
    "and covariates tell who they are.",
    "composition": "Composition: the effect on each covariate before matching, to see whether the programme changes "
    "who is seen.",
}


def how_it_was_done(findings: Findings, names: AreaNames) -> dict[str, tuple[Passage, ...]]:
    """Return the paragraphs of each part by its subject."""
    facts = {
        "intervention": names.words(findings.study.intervention),
        "reference": Words(
            "the normal distribution" if findings.rule_set == "as_coded" else "t with G − 1 degrees of freedom"
        ),
        "serial": Words(
            "the residual before it in the order of dates alone, as the program of the source did"
            if findings.rule_set == "as_coded"
            else "each residual against the same person’s residual before, with a variance summed over people"
        ),
    }
    parts = {
        COMPARED: _compared(findings),
        PEOPLE: _people(findings),
        MODELS: _models(findings),
        CHANCE: _chance(findings),
        DESIGN: _design(findings),
    }
    return {subject: tuple(Passage(words, facts) for words in found) for subject, found in parts.items()}


def _compared(findings: Findings) -> Iterator[str]:
    searched = [any(row.distance is not None for row in q.areas.candidates) for q in findings.questions]
    if any(searched):
        yield (
            "Comparators were chosen for each pilot by trend: of the areas that did not have {intervention}, those "
            "whose figures before the start, their own level taken out, moved most like the pilot’s. No figure after "
            "the start was read before the choice was written down. An area may serve several pilots."
        )
    if not all(searched):
        yield "Comparators were given by a match file of the study, for all questions or for some."
    yield (
        "The change in the pilots, from before the start to after it, is set against the change in their comparators "
        "over the same periods; what lies in the settling-in is left out. A comparator that serves several pilots "
        "stands in the group of each, and its copies share one weight."
    )


def _people(findings: Findings) -> Iterator[str]:
    if any(_matched(question) for question in findings.questions):
        yield (
            "People were matched by coarsened exact matching within each matched group and phase, apart before and "
            "after the start. A missing value is a value. A matched pilot row weighs 1; a comparator row of stratum s "
            "weighs (M_C / M_T) · (m_T,s / m_C,s), M over all matched rows of the analysis, times its copy weight, 1 "
            "over the copies of its event among the rows kept. Every subset is matched and weighed anew."
        )
        yield (
            "Balance is measured in cells of its own, finer than the strata, fixed before matching: the imbalance L1 "
            "with shares within each arm, local common support over the cells with a row of either arm, standardised "
            "differences over the pilots’ standard deviation before matching."
        )


def _models(findings: Findings) -> Iterator[str]:
    used = {one.estimator for q in findings.questions for one in q.specifications if one.rows}
    yield from (words for estimator, words in _MODELS.items() if estimator in used)
    if any(one.role is Role.SECONDARY for q in findings.questions for one in q.specifications):
        yield (
            "Secondary analyses put something in the place of pilot or not: a score of the pilots over the highest "
            "score, comparators of two kinds, or a third difference by rating. They describe the effect and do not "
            "change the answer."
        )


def _chance(findings: Findings) -> Iterator[str]:
    rows = [(one.estimator, row) for q in findings.questions for one in q.specifications for row in one.inference]
    told = {row.method for _, row in rows if _answers(row)}
    yield from (words for method, words in _CHANCE.items() if method in told)
    if any(estimator is Estimator.LOGIT and _answers(row) for estimator, row in rows):
        yield _SCORE
    if told:
        yield (
            "A rule chooses by the number of areas which of these carries the headline. The registered test is never "
            "replaced, only accompanied."
        )


def _design(findings: Findings) -> Iterator[str]:
    ran = {test.name.partition(": ")[0] for q in findings.questions for test in q.tests if test.statistic is not None}
    yield from (words for name, words in _DESIGN.items() if name in ran)


def _matched(question: QuestionFindings) -> bool:
    return question.matching is not None and question.matching.people_matched


def _answers(row: InferenceRow) -> bool:
    return row.p_value is not None or row.std_error is not None
