from __future__ import annotations

from pathlib import Path

from generator.cache import Cache


def cache_file(tmp_path: Path) -> str:
    return str(tmp_path / "folder" / "kind")


def test_what_was_kept_is_found_by_a_later_run(tmp_path: Path) -> None:
    cache = Cache(cache_file(tmp_path))
    cache.put("a", "text", {"x": [1, True]})
    cache.keep()
    assert Cache(cache_file(tmp_path)).get("a", "text") == {"x": [1, True]}


def test_another_source_is_another_value(tmp_path: Path) -> None:
    cache = Cache(cache_file(tmp_path))
    cache.put("a", "text", 1)
    cache.keep()
    assert Cache(cache_file(tmp_path)).get("a", "changed") is None


def test_what_is_taken_stays_in_the_file(tmp_path: Path) -> None:
    cache = Cache(cache_file(tmp_path))
    cache.put("a", "text", 1)
    cache.keep()
    second = Cache(cache_file(tmp_path))
    assert (second.take("a", "text"), second.take("a", "text")) == (1, None)
    second.put("b", "text", 2)
    second.keep()
    third = Cache(cache_file(tmp_path))
    assert (third.get("a", "text"), third.get("b", "text")) == (1, 2)


def test_two_runs_at_once_keep_what_both_have_made(tmp_path: Path) -> None:
    first, second = Cache(cache_file(tmp_path)), Cache(cache_file(tmp_path))
    first.put("a", "text", 1)
    second.put("b", "text", 2)
    first.keep()
    second.keep()
    third = Cache(cache_file(tmp_path))
    assert (third.get("a", "text"), third.get("b", "text")) == (1, 2)


def test_a_damaged_file_is_an_empty_cache(tmp_path: Path) -> None:
    path = tmp_path / "kind"
    for content in (b"", b"nonsense", b"i\x01\x00\x00\x00"):
        path.write_bytes(content)
        cache = Cache(str(path))
        assert cache.get("a", "text") is None
    cache.put("a", "text", 1)
    cache.keep()
    assert Cache(str(path)).get("a", "text") == 1


def test_a_folder_that_cannot_be_made_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file is in the way")
    cache = Cache(cache_file(tmp_path))
    cache.put("a", "text", 1)
    cache.keep()
    assert cache.get("a", "text") == 1


def test_a_value_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    cache = Cache(cache_file(tmp_path))
    cache.put("a", "text", object())
    cache.keep()
    assert not list(tmp_path.rglob("kind*"))
