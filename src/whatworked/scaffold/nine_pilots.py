"""The demonstration of a whole evaluation: nine pilots, six questions and the records of a nation of children."""

from pathlib import Path

from whatworked.records.invented.effects import Effects
from whatworked.scaffold.folder import template
from whatworked.scaffold.simulate import Size, write_simulation

# The first nine of 45 councils are pilots. As many children as leave a laptop a minute or two for the whole.
SIZE = Size(persons=200_000, areas=45, years=(2009, 2019))
# What is planted: two questions on which the programme does nothing are among them.
EFFECTS: Effects = {
    "rereferral": -0.35,
    "escalation": -0.3,
    "icpc": 0.0,
    "entry_to_care": 0.0,
    "kinship": 0.3,
    "assessment_duration": -0.15,
}
SEED = 1


def write_nine_pilots(folder: Path, size: Size = SIZE, *, seed: int = SEED) -> Path:
    """Write the records of a nation and the study of its nine pilots into a new or empty folder; return the study file.

    What was planted, and what came of it in the pilots, stands beside the data in `truth.json`. The same seed gives
    the same files, byte for byte.

    Raises
    ------
    UsageError
        The folder holds something already, is a file, or cannot be written.
    """
    study = write_simulation(folder, size, seed=seed, effect=EFFECTS, form="npd", whole_truth=False)
    (folder / "README.md").write_text(template("nine_pilots/README.md"), encoding="utf-8", newline="\n")
    return study
