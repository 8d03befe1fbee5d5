"""The studies that `planted_effects.py` asks invented nations for: the usual one, and some that take other branches."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whatworked.records.invented.effects import QUESTIONS

USUAL = "nine pilots"
LARGE: Mapping[str, float] = {
    "rereferral": -0.6, "escalation": -0.6, "icpc": -0.6, "entry_to_care": -0.6, "kinship": 0.6,
    "assessment_duration": -0.6,
}  # fmt: skip
Change = Callable[[str, Path], str]


def small(text: str, folder: Path) -> str:
    """Return the protocol of a small nation."""
    text = re.sub(r"\n(sex|ethnicity|school_stage|disabled) = \"exact\"", "", text)
    text = re.sub(r"\ncovariates = \[.*\]", '\ncovariates = ["disabled", "low_income"]', text)
    text = re.sub(r"\narea_covariates = .*", "", text)
    text = re.sub(r"\n\[records\.area_years.*\]\n(?:\w+ = .*\n)*", "\n", text)
    text = re.sub(r"\n\[\[variant\]\]\nkind = \"(?:secondary_outcome|rule_set)\"\n(?:\w+ = .*\n)*", "\n", text)
    text = text.replace("max_distance = 1.5", "max_distance = inf")
    pilots, others = _codes(text)
    pairs = [f"{pilot},{others[(2 * i + k) % len(others)]}" for i, pilot in enumerate(pilots) for k in (0, 1)]
    return matched_by_file(text, folder, pairs, "kinship")


def matched_by_file(text: str, folder: Path, pairs: Sequence[str], *questions: str) -> str:
    """Return the protocol with comparators from a file in some questions."""
    name = f"match_{'_'.join(questions)}.csv"
    (folder / name).write_text("\n".join(["pilot,comparator", *pairs]) + "\n", encoding="utf-8")
    for key in questions:
        text = re.sub(rf'(key = "{key}"\n)(matching = .*\n)?', rf'\1matching = {{ match_file = "{name}" }}\n', text)
    return text


def _codes(text: str) -> tuple[list[str], list[str]]:
    """Return the codes of pilots and of other areas."""
    pilots = re.findall(r'area = "(\w+)", label', text)
    return pilots, [code for code in re.findall(r'area = "(\w+)", model', text) if code not in pilots]


def only(number: int, **keys: object) -> Change:
    """Return the change that leaves out all but the first pilots, with other keys of the matching."""

    def change(text: str, folder: Path) -> str:
        pilots, _ = _codes(text)
        for code in pilots[number:]:
            text = re.sub(rf'\n    {{ area = "{code}", label.*', "", text)
        text = text.replace("[areas]", f"[areas]\nexcluded = {json.dumps(pilots[number:])}")
        text = re.sub(r"\n\[\[variant\]\]\nkind = \"leave_out\"\n(?:\w+ = .*\n)*", "\n", text)
        for key, value in keys.items():
            text = re.sub(rf"{key} = .*", f"{key} = {value}", text)
        return small(text, folder)

    return change


def without_veto(text: str, folder: Path) -> str:
    """Return the protocol in which few repeats are enough, rare is rarer, and nothing is held to bring people back."""
    text = small(text, folder).replace("recurrence_veto = true\n", "")
    return f"[thresholds]\nrepeated_share = 0.02\nrare_outcome = 0.05\n{text}"


def exploratory(text: str, folder: Path) -> str:
    """Return the protocol of exploratory questions, each with a concern about its data, by the other rule set."""
    text = small(text, folder).replace("exploratory = true\n", "")
    # by that rule set some areas have no period of care, so that a file may not name them
    text = re.sub(r"matching = .*\n", "", text)
    text = text.replace("[study]\n", '[study]\nrule_set = "as_coded"\n')
    return re.sub(r'(key = "\w+"\n)', r'\1exploratory = true\nconcerns = ["an invented one"]\n', text)


def named_models(text: str, folder: Path) -> str:
    """Return the protocol that names the model of some questions, and calls an outcome of one in three rare."""
    text = small(text, folder)
    for key, model in (("icpc", "random_effects"), ("assessment_duration", "fixed_effects")):
        text = text.replace(f'key = "{key}"\n', f'key = "{key}"\nestimator = "{model}"\n')
    return f"[thresholds]\nrare_outcome = 0.33\n{text}"


def one_heavy(text: str, folder: Path) -> str:
    """Return the protocol in which one comparator serves most pilots."""
    text = small(text, folder)
    pilots, others = _codes(text)
    pairs = [f"{pilot},{others[max(0, place - len(pilots) + 4)]}" for place, pilot in enumerate(pilots)]
    return matched_by_file(text, folder, pairs, *QUESTIONS)


def short(text: str, folder: Path) -> str:
    """Return the protocol with so short a baseline that no trend can be tested in some question."""
    text = one_heavy(text, folder)
    return re.sub(r"data_start = .*", "data_start = 2016-10-01", text)


@dataclass(frozen=True)
class Setting:
    """A way to ask a nation: what its study changes, how much smaller a share of the seeds it has, what is planted.

    `told`: whether its rows are those that the generator tells of, so that its answers can be held against the truth.
    """

    change: Change
    one_in: int = 100
    told: bool = True
    effects: Mapping[str, float] | None = None


SETTINGS: Mapping[str, Setting] = {
    USUAL: Setting(small, one_in=1),
    "two pilots": Setting(only(2)),
    "one pilot": Setting(only(1)),
    "one against one": Setting(only(1, comparators_per_pilot=1)),
    "without veto": Setting(without_veto),
    "exploratory by the other rule set": Setting(exploratory, told=False),
    "models named and more called rare": Setting(named_models),
    "one heavy comparator": Setting(one_heavy),
    "short baseline": Setting(short, told=False),
    "large effects": Setting(small, effects=LARGE),
}
