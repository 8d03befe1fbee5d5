"""Studies of invented areas, written to be run: a table of areas by years and a protocol for it."""

import numpy as np

AREAS = 14
YEARS = range(2010, 2020)


def invented(seed=0, *, effect=-6.0, pilots=4):
    """Area × year: a common movement, a level an area and a little noise; pilots fall from 2016 on."""
    rng = np.random.default_rng(seed)
    common = 2 * np.sin(np.arange(len(YEARS))) + rng.normal(0, 0.5, len(YEARS))
    values = rng.uniform(35, 55, AREAS)[:, None] + common + rng.normal(0, 0.3, (AREAS, len(YEARS)))
    values[:pilots, 6:] += effect
    return values


def write_study(
    folder, values, *, pilots=4, extra="", question="", areas="", records="", columns="", start="2015-01-01"
):
    """A study folder with a long CSV and a protocol; `extra` is TOML at the end, the others go into their tables."""
    lines = ["area,name,year,rate,cases,people"]
    for i, row in enumerate(values):
        for year, value in zip(YEARS, row, strict=True):
            people = 10_000 + 1_000 * i
            text = value if isinstance(value, str) else f"{value:.4f}"
            number = 0.0 if isinstance(value, str) else value
            lines.append(f"A{i:02d},Area {i},{year},{text},{round(number * people / 1e4)},{people}")
    folder.mkdir(exist_ok=True)
    (folder / "rates.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = ", ".join(
        f'{{ area = "A{i:02d}", label = "Pilot {i + 1}", start = {start}, embedded = 2015-12-31 }}'
        for i in range(pilots)
    )
    (folder / "study.toml").write_text(
        f"""
[study]
title = "An invented study"
question = "Did it work?"
seed = 1
[records.rates]
kind = "area_series"
path = "rates.csv"
columns = {{ area = "area", name = "name", period = "year", value = "rate", numerator = "cases"{columns} }}
period = {{ kind = "year" }}
unit = "per 10,000 children"
source = "Invented"
{records}
[areas]
publish_names = true
pilots = [{listed}]
{areas}
[matching]
max_distance = 1.5
[[question]]
key = "rate"
title = "Did the rate fall?"
records = "rates"
outcome = {{ label = "the rate", better = "lower" }}
{question}
{extra}
""",
        encoding="utf-8",
    )
    return folder / "study.toml"
