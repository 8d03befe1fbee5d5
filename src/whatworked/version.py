"""The version of the package, which stands in every artefact's key and in every manifest."""

__version__ = "0.1.0"
