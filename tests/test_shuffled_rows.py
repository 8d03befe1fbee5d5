"""The order of the rows in the input files changes nothing: findings, report and everything else that is released."""

import csv
import json
import random
from pathlib import Path

import people_study
import pytest
from command_line import contents
from invented_study import invented, write_study

from whatworked import read_protocol, run

VARIANTS = '[[variant]]\nkind = "lags"\n[[variant]]\nkind = "leave_out"\npilots = "each"\n'


def of_areas(folder):
    return write_study(
        folder, invented(), question='weight = "denominator"', columns=', denominator = "people"', extra=VARIANTS
    )


def of_people(folder):
    rows = people_study.invented(steady=0.3, times=(1, 6))
    question = 'covariates = ["age", "sex", "grade"]'
    estimators = '[[variant]]\nkind = "estimator"\nestimators = ["logit", "fixed_effects", "random_effects"]\n'
    return people_study.write_study(
        folder, rows, question=question, matching=people_study.COARSENING, extra=f"{VARIANTS}{estimators}"
    )


def shuffle(path, seed):
    """Put the rows of a CSV file below its heading into another order."""
    with path.open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    before = list(rows)
    random.Random(seed).shuffle(rows)
    assert rows != before
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])


@pytest.mark.parametrize(("study", "files"), [(of_areas, ["rates.csv"]), (of_people, ["events.csv", "matches.csv"])])
def test_rows_in_another_order_give_the_same_run(study, files, tmp_path):
    found = {}
    for name in ("as written", "shuffled"):
        path = study(tmp_path / name)
        if name == "shuffled":
            for seed, file in enumerate(files):
                shuffle(path.parent / file, seed)
        out = Path(path.parent / "run")
        run(read_protocol(path), out=out)
        found[name] = {place: what for place, what in contents(out).items() if not place.startswith("artefacts")}
    manifests = [json.loads(one.pop("manifest.json")) for one in found.values()]
    assert [place for place, what in found["as written"].items() if found["shuffled"].get(place) != what] == []
    assert found["as written"].keys() == found["shuffled"].keys()
    digests = [manifest.pop("inputs") for manifest in manifests]
    assert digests[0] != digests[1]
    assert manifests[0] == manifests[1]
