"""What the Family Safeguarding example says of itself; its numbers are proved in tests/test_family_safeguarding.py."""

from pathlib import Path

import pytest

from whatworked import read_protocol, run

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "examples" / "family_safeguarding" / "study.toml"
DATA = ROOT.parent / "shared" / "data" / "ees_cin"


def test_the_readme_names_every_file_that_the_study_reads():
    page = (STUDY.parent / "README.md").read_text(encoding="utf-8")
    assert not [name for name in {series.path for series in read_protocol(STUDY).records.values()} if name not in page]


@pytest.mark.skipif(not DATA.is_dir(), reason="the Department's tables are not here")
def test_the_readme_tells_what_the_study_finds():
    def signed(value: float) -> str:
        return f"{value:+.1f}".replace("-", "−")

    page = (STUDY.parent / "README.md").read_text(encoding="utf-8")
    for question in run(read_protocol(STUDY), data=DATA).questions:
        (headline,) = [row for row in question.specifications[0].inference if row.headline]
        interval = f"{signed(headline.conf_low)} to {signed(headline.conf_high)}"
        assert f"| {signed(headline.estimate)} | {interval} | {headline.p_value:.3f} |" in page
