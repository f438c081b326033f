"""What was read before: facts, words and SQL, by the digest of the content and what else decides them, no path."""

from __future__ import annotations

import hashlib

import msgspec

from mldebt.declarations import Statement
from mldebt.extract import decisive, read_sql
from mldebt.facts import FileFacts, pack, unpack
from mldebt.gather import edition
from mldebt.gather.cache import Cache
from mldebt.source import Kind

_encoder = msgspec.msgpack.Encoder()
_statements_decoder = msgspec.msgpack.Decoder(tuple[Statement, ...])
_words_decoder = msgspec.msgpack.Decoder(tuple[str, ...])


class Kept:
    """Facts, words and statements of SQL that are in a cache. Whatever is no such thing is a miss."""

    def __init__(self, cache: Cache, dialect: str = "") -> None:
        self._cache, self._dialect = cache, dialect

    def facts(self, digest: str, kind: Kind, name: str) -> FileFacts | None:
        """The facts of a content, read as a file of a kind and name; None for a miss."""
        data = self._cache.get(self._facts_key(digest, kind, name))
        try:
            return None if data is None else unpack(data)
        except (msgspec.DecodeError, RecursionError):
            return None

    def keep_facts(self, digest: str, kind: Kind, name: str, facts: FileFacts) -> None:
        """Keeps the facts of a content."""
        self._cache.put(self._facts_key(digest, kind, name), pack(facts))

    def words(self, content: bytes) -> tuple[str, ...] | None:
        """The words of a content; None for a miss."""
        data = self._cache.get(_key("words", _digest(content)))
        try:
            return None if data is None else _words_decoder.decode(data)
        except msgspec.DecodeError:
            return None

    def keep_words(self, content: bytes, words: tuple[str, ...]) -> None:
        """Keeps the words of a content."""
        self._cache.put(_key("words", _digest(content)), _encoder.encode(words))

    def statements(self, text: str, dialect: str) -> tuple[Statement, ...]:
        """The statements of a text of SQL that code holds, as they were kept; else they are read, and kept."""
        key = _key("sql", dialect, text)
        data = self._cache.get(key)
        try:
            if data is not None:
                return _statements_decoder.decode(data)
        except (msgspec.DecodeError, RecursionError):
            pass
        read = read_sql(text, dialect)
        self._cache.put(key, _encoder.encode(read))
        return read

    def _facts_key(self, digest: str, kind: Kind, name: str) -> bytes:
        return _key("facts", digest, kind.value, *decisive(kind, name, self._dialect))


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _key(*parts: str) -> bytes:
    """A key of what the readers of this edition make."""
    return hashlib.blake2b("\0".join(parts).encode(), key=edition.readers(), digest_size=16).digest()
