"""The register of methods: nothing cited without its work, no decision without its rule, proof and keys."""

import ast
import re
from pathlib import Path

import pytest

from whatworked.protocol.model import Protocol, Question, Study, Thresholds
from whatworked.protocol.quality import Quality
from whatworked.tables.deciders import DECIDERS
from whatworked.tables.methods import DESIGN_TESTS, MODELS, TESTS_OF_A_LOGIT, TESTS_OF_EFFECT
from whatworked.tables.references import REFERENCES
from whatworked.tables.register import cited, entry, registered
from whatworked.vocabulary import Estimator, Method

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "whatworked"
ROOMS = ("estimation", "diagnostics", "matching", "rules", "disclosure")


def entries():
    for room in ROOMS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield entry(f"{room}.{path.stem}.{node.name}", ast.get_docstring(node) or "")


def test_every_work_that_a_source_cites_has_its_reference_and_no_reference_is_idle():
    works = {work for one in entries() for work in cited(one.source)}
    assert len(works) > 30
    assert works == set(REFERENCES)


def test_every_year_in_brackets_of_a_source_belongs_to_a_work_that_was_recognised():
    for one in entries():
        assert len(re.findall(r"\((?:1[89]|20)\d\d\)", one.source)) == len(list(cited(one.source))), one.name


def test_a_reference_begins_with_the_names_and_the_year_of_its_short_form():
    for short, work in REFERENCES.items():
        names, year = re.fullmatch(r"(.*) \((\d{4})\)", short).groups()
        first = re.split(r",| &| et al", names)[0]
        assert work.startswith(f"{first}, "), short
        assert f"({year})." in work
        assert all(name in work for name in re.split(r", | & | et al\.", names) if name)


def test_every_numerical_method_has_a_proof_that_exists():
    numerical = [one for one in entries() if one.name.startswith(("estimation", "diagnostics")) and one.source]
    assert len(numerical) > 80
    assert [one.name for one in numerical if not one.proofs] == []
    assert [proof for one in numerical for proof in one.proofs if not (ROOT / proof).is_file()] == []


def kinds_decided():
    """Return the kinds of decision that the rules take, as the calls in their code name them."""
    found = set()
    for path in (SOURCE / "rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Decision", "_decided"}:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def test_every_decision_that_a_rule_takes_has_its_decider():
    kinds = {kind for kind in kinds_decided() if re.fullmatch(r"[a-z_]+", kind)}
    assert {"trends", "scope", "inference", "evidence"} <= kinds
    assert kinds - {"additions_agree", "additions_disagree", "nothing_to_compare"} <= set(DECIDERS)


@pytest.mark.parametrize("kind", DECIDERS)
def test_a_decider_names_a_rule_a_proof_and_keys_that_exist(kind):
    decider = DECIDERS[kind]
    found = decider.registered()
    assert found.name.startswith("rules.")
    assert found.source
    assert found.proofs
    assert all((ROOT / proof).is_file() for proof in found.proofs)
    known = {"study": Study, "thresholds": Thresholds, "quality": Quality, "question[{question}]": Question}
    for key in decider.keys:
        table, _, name = key.partition(".")
        assert table.partition("[")[0] in Protocol.model_fields
        assert not name or name in known[table].model_fields


def test_every_family_and_every_method_has_its_functions():
    assert set(MODELS) == set(Estimator)
    assert set(TESTS_OF_EFFECT) == set(TESTS_OF_A_LOGIT) == set(Method)
    every = [*MODELS.values(), *TESTS_OF_EFFECT.values(), *TESTS_OF_A_LOGIT.values(), *DESIGN_TESTS.values()]
    for functions in every:
        for function in functions:
            found = registered(function)
            assert found.source, found.name
            assert found.proved, found.name


def test_a_function_without_a_docstring_is_still_in_the_register():
    def bare():
        pass

    assert registered(bare).source == ""
    assert registered(bare).proofs == ()
