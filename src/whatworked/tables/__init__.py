"""What is shown: findings become a document of typed cells and words, nothing formatted and nothing hidden yet."""

from whatworked.tables.document import document
from whatworked.tables.model import Document

__all__ = ["Document", "document"]
