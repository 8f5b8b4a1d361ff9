"""What every source must do, as tests. A plugin's author inherits from ``SourceContract`` and runs pytest.

    class TestMySource(SourceContract):
        def source(self) -> Source:
            return MySource()

        def write(self, path: Path, records: int) -> None:
            ...  # a file with that many good records, of about 1 kB each

        def write_bad(self, path: Path) -> None:
            ...  # three units, of which the second alone cannot be read (or it and all after it)

Each test carries the sentence of ``postroom.intake.spec`` that it checks.
"""

from __future__ import annotations

import tracemalloc
from abc import ABC, abstractmethod
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from postroom.intake.spec import BadRecord, EmptyFile, Source, SourceConfig, SourceRecord, UnreadableFile

RAW_LIMIT = 64 * 1024


class SourceContract(ABC):
    """The contract of ``postroom.intake.spec.Source``."""

    memory_bound = 24 * 1024 * 1024
    """Bytes of Python memory that reading may take at its peak, whatever the size of the file."""

    large = 20_000
    """Records of the file with which the memory is measured."""

    @abstractmethod
    def source(self) -> Source:
        """The source under test."""

    @abstractmethod
    def write(self, path: Path, records: int) -> None:
        """Write a file of ``records`` good records, of about 1 kB each, at least one number with a fraction."""

    @abstractmethod
    def write_bad(self, path: Path) -> None:
        """Write a file of three units of which the second cannot be read."""

    def _file(self, folder: Path, records: int = 5) -> Path:
        path = folder / f"good-{records}{self.source().suffixes[0]}"
        self.write(path, records)
        return path

    def _bad_file(self, folder: Path) -> Path:
        path = folder / f"bad{self.source().suffixes[0]}"
        self.write_bad(path)
        return path

    def test_it_says_what_it_is(self) -> None:
        """A source has a name, suffixes with their dot in lower case, and media types."""
        source = self.source()
        assert source.name and source.name == source.name.lower(), "the name is lower case"
        assert source.suffixes, "it has at least one suffix"
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in source.suffixes)
        assert all("/" in media_type and media_type == media_type.lower() for media_type in source.media_types)

    def test_its_options_are_frozen_and_closed(self) -> None:
        """Unknown options are refused, and options do not change under a reader."""
        config = self.source().Config
        assert issubclass(config, SourceConfig), "Config derives from SourceConfig"
        _must_raise(ValidationError, lambda: config(**{"no_such_option_anywhere": 1}))
        _must_raise(ValidationError, lambda: setattr(config(), "max_record_bytes", 1))

    def test_it_numbers_records_from_one(self, tmp_path: Path) -> None:
        """Ordinals count from 1 without a gap, and lines never go back."""
        units = list(self.source().read(self._file(tmp_path)))
        assert all(isinstance(unit, SourceRecord) for unit in units), units
        assert [unit.ordinal for unit in units] == [1, 2, 3, 4, 5]
        lines = [unit.line for unit in units]
        assert lines[0] >= 1 and lines == sorted(lines)

    def test_the_same_bytes_give_the_same_sequence(self, tmp_path: Path) -> None:
        """A run resumes by skipping, so two readings are equal, of good files and bad ones, by one source or two."""
        for path in (self._file(tmp_path), self._bad_file(tmp_path)):
            source = self.source()
            first = list(source.read(path))
            assert first == list(source.read(path)) == list(self.source().read(path))

    def test_numbers_are_exact_and_text_can_be_stored(self, tmp_path: Path) -> None:
        """No float anywhere; no U+0000 and no half surrogate pair in any text or name."""
        for unit in self.source().read(self._file(tmp_path)):
            assert isinstance(unit, SourceRecord)
            _check_value(unit.data)

    def test_a_bad_unit_is_told_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        """The second unit is a BadRecord with code, reason, hint; the third follows unless the rest is lost."""
        units = list(self.source().read(self._bad_file(tmp_path)))
        assert isinstance(units[0], SourceRecord), units
        bad = units[1]
        assert isinstance(bad, BadRecord), units
        assert bad.code and bad.reason and bad.hint, "a bad record says what, where and what to do"
        assert bad.line >= 1
        assert len(bad.raw.encode("utf-8")) <= RAW_LIMIT
        assert "\x00" not in bad.raw + bad.reason
        assert [unit.ordinal for unit in units] == list(range(1, len(units) + 1))
        if bad.rest_lost:
            assert len(units) == 2, "nothing follows a record that loses the rest"
        else:
            assert len(units) == 3 and isinstance(units[2], SourceRecord), units

    def test_an_empty_file_is_refused(self, tmp_path: Path) -> None:
        """No bytes, or white space alone, is EmptyFile."""
        for number, content in enumerate((b"", b" \n\n")):
            path = tmp_path / f"empty-{number}{self.source().suffixes[0]}"
            path.write_bytes(content)
            error = _must_raise(EmptyFile, lambda path=path: list(self.source().read(path)))
            assert error.code == "empty-file" and "holds no records" in str(error)

    def test_a_foreign_file_is_refused_before_the_first_record(self, tmp_path: Path) -> None:
        """A picture under the wrong name is UnreadableFile, with a hint."""
        path = tmp_path / f"picture{self.source().suffixes[0]}"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)
        error = _must_raise(UnreadableFile, lambda: next(iter(self.source().read(path))))
        assert error.message and error.hint

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        """A file that cannot be opened is UnreadableFile, not an error of the operating system."""
        path = tmp_path / f"missing{self.source().suffixes[0]}"
        error = _must_raise(UnreadableFile, lambda: next(iter(self.source().read(path))))
        assert error.hint

    def test_reading_does_not_change_the_file(self, tmp_path: Path) -> None:
        """P2: the bytes are the same afterwards, and a reader that stops early leaves no file open."""
        path = self._file(tmp_path)
        before = path.read_bytes()
        records = self.source().read(path)
        assert len(list(islice(records, 2))) == 2
        close = getattr(records, "close", None)
        if close:
            close()
        assert path.read_bytes() == before

    def test_memory_is_flat(self, tmp_path: Path) -> None:
        """The peak of Python memory stays under a fixed bound while a large file is read."""
        path = self._file(tmp_path, self.large)
        size = path.stat().st_size
        tracemalloc.start()
        try:
            count = sum(1 for _ in self.source().read(path))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert count == self.large
        assert peak < self.memory_bound, f"reading {size:,} bytes took {peak:,} bytes of memory"

    def test_it_recognises_its_own_format(self, tmp_path: Path) -> None:
        """``recognises`` answers 0 to 100, and not certainty for a picture."""
        source = self.source()
        sure = source.recognises(self._file(tmp_path).read_bytes()[:RAW_LIMIT])
        assert 0 <= sure <= 100
        assert source.recognises(b"\x89PNG\r\n\x1a\n" + bytes(range(256))) == 0
        assert source.recognises(b"") == 0


def _must_raise(wanted: type[Any], action: Any) -> Any:
    try:
        action()
    except wanted as error:
        return error
    except Exception as error:  # any other error is the finding, whatever it is
        raise AssertionError(f"expected {wanted.__name__}, got {type(error).__name__}: {error}") from error
    raise AssertionError(f"expected {wanted.__name__}, nothing was raised")


def _check_value(value: Any) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            assert isinstance(name, str), f"{name!r} is not a text"
            _check_value(name)
            _check_value(item)
    elif isinstance(value, list):
        for item in value:
            _check_value(item)
    elif isinstance(value, str):
        assert "\x00" not in value
        value.encode("utf-8")
    else:
        assert value is None or isinstance(value, bool | int | Decimal), f"{value!r} is a {type(value).__name__}"
