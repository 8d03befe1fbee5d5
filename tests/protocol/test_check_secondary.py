"""Scores, practice models, ratings and flags that contradict the rest of a protocol are all named at once."""

from pathlib import Path

import pytest

from whatworked.errors import ProtocolError
from whatworked.protocol.read import parse_protocol
from whatworked.protocol.variants import Dose, PracticeModels, Triple

SCORED = 'label = "Bracknell Forest", delivery = 2.5, embeddedness = 0.0, flags = ["early", "trained"],'
AREAS = """publish_names = true
practice_models = [{ area = "870", model = "similar" }, { area = "871", model = "without" }]
ratings = [
    { area = "867", date = 2013-04-01, rating = "good" },
    { area = "867", date = 2016-04-01, rating = "requires_improvement" },
]"""
VARIANTS = """
[[variant]]
kind = "dose"
score = "delivery"
[[variant]]
kind = "practice_models"
name = "other ways of working"
[[variant]]
kind = "triple"
[[variant]]
kind = "leave_out"
flags = ["early"]
"""


def whole(text, *replacements):
    changes = [('label = "Bracknell Forest",', SCORED), ("publish_names = true", AREAS), *replacements]
    text += VARIANTS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def mistakes(text):
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, Path())
    return {one.where: f"{one.found} {one.advice}" for one in refused.value.mistakes}


def test_a_protocol_with_secondary_analyses_is_read_whole(valid_text):
    protocol = parse_protocol(whole(valid_text), Path())
    pilot = protocol.areas.pilots[0]
    assert (pilot.score("delivery"), pilot.score("embeddedness"), pilot.flags) == (2.5, 0.0, ("early", "trained"))
    assert protocol.areas.pilots[1].score("delivery") is None
    assert [entry.model for entry in protocol.areas.practice_models] == ["similar", "without"]
    called = [one.called for one in protocol.variant if isinstance(one, Dose | PracticeModels | Triple)]
    assert called == ["quality of delivery", "other ways of working", "high against low inspection ratings"]


def test_every_contradiction_is_named_at_once(valid_text):
    found = mistakes(
        whole(
            valid_text,
            ("delivery = 2.5, embeddedness = 0.0", "delivery = 0.0, embeddedness = inf"),
            ('"early", "trained"]', '"trained", "trained"]'),
            ('area = "870", model', 'area = "821", model'),
            ('"871", model = "without" }', '"871", model = "without" }, { area = "871", model = "similar" }'),
            ("date = 2016-04-01", "date = 2013-04-01"),
            ('kind = "triple"', 'kind = "triple"\nname = "other ways of working"'),
        )
    )
    expected = {
        "areas.pilots[0].embeddedness": "found inf.",
        "areas.pilots[0].flags[1]": '"trained" stands there twice.',
        "areas.practice_models[0].area": '"821" is a pilot, areas.pilots[1].',
        "areas.practice_models[2].area": '"871" is in areas.practice_models[1] too.',
        "areas.ratings[1].date": '"867" has areas.ratings[0] on 2013-04-01 too.',
        "variant[4].score": "no pilot has a delivery score above 0.",
        "variant[6].name": '"other ways of working" is the name of variant[5] too.',
        "variant[7].flags[0]": 'no pilot has the flag "early". Known: trained.',
    }
    assert {where for where, words in expected.items() if words not in found.get(where, "")} == set()
    assert set(found) == set(expected)


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ('practice_models = [{ area = "870", model = "similar" }, { area = "871", model = "without" }]\n', "",
         "variant[5].kind", "needs areas.practice_models, which is empty."),
        ('flags = ["early"]\n', "", "variant[7].pilots", "names neither pilots nor flags."),
        ('flags = ["early"]\n', 'flags = ["early"]\npilots = ["Luton"]\n', "variant[7].pilots", "gives both"),
        ("delivery = 2.5", "delivery = -2.5", "areas.pilots[0].delivery", "it must be at least 0"),
        ('model = "similar"', 'model = "same"', "areas.practice_models[0].model", 'found "same"'),
        ('rating = "good"', 'rating = "Good"', "areas.ratings[0].rating", 'found "Good"'),
    ],
)  # fmt: skip
def test_each_contradiction_is_said_where_it_stands(valid_text, old, new, where, words):
    assert words in mistakes(whole(valid_text, (old, new)))[where]


def test_flags_that_every_pilot_has_would_leave_none(valid_text):
    labels = ("Bracknell Forest", "Luton", "Peterborough", "West Berkshire")
    every = [(f'label = "{label}",', f'label = "{label}", flags = ["early"],') for label in labels]
    text = valid_text + '\n[[variant]]\nkind = "leave_out"\nflags = ["early"]\n'
    for old, new in every:
        text = text.replace(old, new)
    assert "every pilot has one of these" in mistakes(text)["variant[4].flags"]
