"""Invented secondary analyses: a dose, a difference by rating with its sum, practice models, another outcome."""

from dataclasses import replace

from whatworked.estimation.treatments import AGAINST_WITHOUT, AT_A_HIGH_RATING, DIFFERENCE, HIGH
from whatworked.vocabulary import Role


def with_secondary(question, *names):
    """Return a question with secondary analyses; the terms of the i-th of `names` are 10 i, 10 i + 1 and so on."""
    main = question.specifications[0]
    effect = main.effect
    terms = {
        "delivery": ["(intercept)", "delivery score", "post", "delivery score:post", "period[2014]", "age"],
        "rating": ["(intercept)", "pilot", HIGH, "post", "pilot:post", DIFFERENCE, AT_A_HIGH_RATING, "period[2014]"],
        "models": ["(intercept)", "post", AGAINST_WITHOUT, "period[2014]"],
        "another": ["(intercept)", "pilot", "post", "pilot:post"],
    }
    of = {"delivery": "delivery score:post", "rating": DIFFERENCE, "models": AGAINST_WITHOUT, "another": "pilot:post"}
    found = [
        replace(
            main,
            name=name,
            role=Role.SECONDARY,
            effect=replace(effect, term=of[name], estimate=-2.0 - i, unit="days" if name == "another" else effect.unit),
            terms=tuple(
                replace(
                    effect, term=term, estimate=float(10 * i + j), unit="days" if name == "another" else effect.unit
                )
                for j, term in enumerate(terms[name])
            ),
            note="an effect",
        )
        for i, name in enumerate(names)
    ]
    return replace(question, specifications=(*question.specifications, *found))
