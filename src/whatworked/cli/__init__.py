"""The commands and their exit codes."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from whatworked.cli.plan import plan, plan_text
from whatworked.cli.summary import failed, summary, summary_text
from whatworked.cli.terminal import FaultsShown, errors_shown, progress_shown, say
from whatworked.engine.store import Store
from whatworked.findings.model import Findings
from whatworked.protocol.read import read_protocol
from whatworked.records.invented.write import Form
from whatworked.run_folder import RunFolder, refusals_named
from whatworked.scaffold.asked import KEYS, KINDS, write_asked
from whatworked.scaffold.demonstration import Demonstration, demonstration
from whatworked.scaffold.new import write_new
from whatworked.scaffold.simulate import Size, write_simulation
from whatworked.study import own_engine, prepare, run
from whatworked.version import __version__

DIAGNOSTIC_FAILED = 1

app = typer.Typer(
    name="whatworked",
    help="Did the pilot work? A protocol goes in, a report comes out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.toml", exists=True, dir_okay=False, help="The protocol.")]
Data = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder of records outside the study's folder; only read."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


def main() -> None:
    """Run the command line; what nobody foresaw ends without a traceback too."""
    with FaultsShown():
        app()


def _version(asked: bool) -> None:
    if asked:
        say(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


@app.command("run")
def run_command(
    study: StudyFile,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for the run; by default `run` beside the study.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a study and write its findings, its report and everything that may leave."""
    folder = study.resolve().parent / "run" if out is None else out
    with errors_shown():
        findings = run(read_protocol(study), out=folder, data=data, progress=progress_shown(quiet=quiet))
    _conclude(findings, folder, as_json=as_json, quiet=quiet)


@app.command("check")
def check_command(study: StudyFile, data: Data = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Check protocol and records and say what a run will do, before any outcome by arm is read."""
    with errors_shown(), refusals_named(), TemporaryDirectory() as folder:
        protocol, artefacts = read_protocol(study), Path(folder)
        with own_engine(protocol, artefacts, data) as engine:
            prepared = prepare(
                protocol, engine, store=Store(artefacts), data=data, progress=progress_shown(quiet=quiet)
            )
            planned = plan(prepared, engine)
    if as_json:
        say(_as_json(planned))
    elif not quiet:
        say(plan_text(planned))


@app.command("report")
def report_command(
    folder: Annotated[Path, typer.Argument(metavar="RUN_DIR", exists=True, file_okay=False, help="A finished run.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write the release of a finished run anew, from its findings alone."""
    with errors_shown():
        findings = RunFolder(folder).release_again()
    _conclude(findings, folder, as_json=as_json, quiet=quiet)


@app.command("demo")
def demo_command(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="New or empty folder, or that of the same demonstration.")
    ] = Path("whatworked-demo"),
    kind: Annotated[
        Demonstration,
        typer.Option(help="`national`: six questions about the children of a nation; `areas`: published statistics."),
    ] = "national",
    quiet: Quiet = False,
) -> None:
    """Write an invented study with a known effect, run it, and say how to go on with your own."""
    with errors_shown():
        say_step = progress_shown(quiet=quiet)
        study = demonstration(folder, kind, say=say_step)
        findings = run(read_protocol(study), out=folder / "run", progress=say_step)
    if not quiet:
        say("Everything in this study is invented; truth.json beside it says what was planted.\n")
        say(summary_text(summary(findings, folder / "run")))
        say(
            "\nFor your own data:\n"
            "  whatworked new my-study                  a study to fill in\n"
            "  whatworked check my-study/study.toml     what a run will do, and every mistake at once\n"
            "  whatworked run my-study/study.toml       the run and its report"
        )


@app.command("simulate")
def simulate_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder.")],
    persons: Annotated[int, typer.Option(min=1, help="Number of children.")] = Size().persons,
    areas: Annotated[int, typer.Option(min=1, help="Number of councils.")] = Size().areas,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same records.")] = 1,
    effect: Annotated[
        float, typer.Option(help="Relative change planted in the way hoped for: -0.2 is a fifth fewer.")
    ] = -0.2,
    dirty: Annotated[
        bool, typer.Option("--dirty", help="With the faults of real returns, counted in the truth.")
    ] = False,
    form: Annotated[
        Form, typer.Option("--format", help="Councils' returns, or an extract of the National Pupil Database.")
    ] = "returns",
    quiet: Quiet = False,
) -> None:
    """Write invented returns of councils, in the real formats, with a study of them and the truth beside them."""
    with errors_shown():
        study = write_simulation(folder, Size(persons, areas), seed=seed, effect=effect, dirty=dirty, form=form)
    if not quiet:
        say(f"Everything in {folder} is invented; truth.json says what was planted. Then: whatworked run {study}")


@app.command("new")
def new_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder.")],
    questions: Annotated[
        str | None,
        typer.Option(metavar="KEY,KEY", help=f"Questions to ask, with commas between: {', '.join(KEYS)}."),
    ] = None,
    records: Annotated[
        str | None,
        typer.Option(metavar="KIND", help=f"What they are asked of: {', '.join(KINDS)}; by default {KINDS[0]}."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write a study to fill in: a bare one, or one with the questions of an evaluation and its usual variants."""
    with errors_shown():
        plain = questions is None and records is None
        study = write_new(folder) if plain else write_asked(folder, questions=questions, records=records)
    if not quiet:
        say(f"Fill in {study}, then: whatworked check {study}")


def _conclude(findings: Findings, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """Print what was found and leave with the code that says whether a diagnostic failed."""
    found = summary(findings, folder)
    if as_json:
        say(_as_json(found))
    elif not quiet:
        say(summary_text(found))
    if any(failed(question) for question in found["questions"]):
        raise typer.Exit(DIAGNOSTIC_FAILED)


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1)
