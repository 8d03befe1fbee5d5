"""The protocol in the report: whole where areas may be named, without a word on single areas where they may not."""

import re

import pytest
from invented_study import invented, write_study
from released_folder import everything_in

from whatworked import read_protocol, run
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.report.write import write_report
from whatworked.tables.document import document

AREAS = """
excluded = ["ZZ-CODE-1", { area = "A13", reason = "merged into ZZ-CODE-1" }]
practice_models = [{ area = "ZZ-CODE-3", model = "similar" }]
"""
SECRETS = ("ZZ-CODE", "2015-01-01", "2015-12-31", "similar", *(f"A{i:02d}" for i in range(14)))


def study(folder, *, named, areas=AREAS, extra=""):
    path = write_study(folder, invented(), areas=areas, question='concerns = ["A03 and ZZ-CODE-1 differ"]', extra=extra)
    if not named:
        path.write_text(path.read_text().replace("publish_names = true", "publish_names = false"))
    return path


def released(path):
    findings = run(read_protocol(path))
    return release(document(findings), Limits.from_dict(findings.disclosure))


def protocol(found):
    (table,) = [table for table in found.appendix if table.key == "protocol"]
    return {row["key"].text: row for row in table.records()}


def test_where_areas_may_be_named_every_key_is_there_with_its_value_and_line(tmp_path):
    path = study(tmp_path / "study", named=True)
    keys, lines = protocol(released(path)), path.read_text().splitlines()
    assert keys["areas.pilots[0].start"]["value"].text == "= 2015-01-01"
    assert keys["areas.excluded[0]"]["value"].text == '= "ZZ-CODE-1"'
    assert keys["thresholds.min_areas"]["given"].text == "The default"
    line = int(keys["matching.max_distance"]["line"].value)
    assert lines[line - 1] == "max_distance = 1.5"


def test_where_they_may_not_nothing_of_a_single_area_is_found_in_any_file(tmp_path):
    found = released(study(tmp_path / "study", named=False))
    write_report(found, tmp_path / "release")
    # the workbook calls its own cells A1 to A13
    words = re.sub(
        r'(?:\br|ref|topLeftCell|activeCell|sqref)="[A-Z]+\d+[^"]*"', "", everything_in(tmp_path / "release")
    )
    assert [secret for secret in SECRETS if re.search(rf"(?<!\w){secret}", words)] == []
    keys = protocol(found)
    assert keys["areas.pilots[0].label"]["value"].text == '= "Pilot 1"'
    assert keys["areas.pilots"]["value"].text.startswith("held back")
    assert keys["areas.excluded"]["value"].text.startswith("held back")
    assert "an area that may not be named differ" in keys["question[rate].concerns"]["value"].text


@pytest.mark.parametrize("code", ["12", "301", "3", "12345", "areas", "rate"])
def test_a_code_that_could_be_any_number_or_word_stops_no_report(tmp_path, code):
    path = study(tmp_path / "study", named=False, areas=f'excluded = ["{code}"]', extra="[thresholds]\nmin_areas = 3\n")
    text = path.read_text().replace("seed = 1\n", f"seed = {code}\n" if code.isdigit() else "seed = 1\n")
    path.write_text(text)
    assert protocol(released(path))
