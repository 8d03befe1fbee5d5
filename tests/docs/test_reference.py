"""The reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def generator():
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(generator().PAGES))
def test_a_page_written_from_the_code_is_not_stale(page):
    module = generator()
    assert (ROOT / page).read_text(encoding="utf-8") == module.PAGES[page](), "run `make docs`"


def test_every_key_of_the_protocol_is_on_its_page():
    module = generator()
    page = module.protocol_page()
    fields = [name for model in models() for name in model.model_fields]
    assert not [name for name in fields if f"| `{name}` |" not in page]


def models():
    strict = __import__("whatworked.protocol.strict", fromlist=["Strict"]).Strict
    return [model for model in strict.__subclasses__() if model.__module__.startswith("whatworked.")]
