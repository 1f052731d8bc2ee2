"""Machine code is kept where text that has changed since cannot find it."""

import subprocess
import sys
from pathlib import Path

from headframe.kernels import compiled


def folder(env):
    code = "from headframe.kernels.compiled import cache_folder; print(cache_folder())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    return Path(done.stdout.strip())


def test_the_cache_is_where_numba_was_told(tmp_path):
    found = folder({"NUMBA_CACHE_DIR": str(tmp_path)})
    assert found.is_relative_to(tmp_path / "headframe")
    assert found.is_dir()


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = folder({"NUMBA_CACHE_DIR": str(blocked), "TMPDIR": str(tmp_path)})
    assert found.is_relative_to(tmp_path)
    assert found.is_dir()


def test_other_text_has_another_folder(tmp_path, monkeypatch):
    other = tmp_path / "kernels"
    other.mkdir()
    source = Path(compiled.__file__)
    (other / "compiled.py").write_text(source.read_text())
    monkeypatch.setattr(compiled, "__file__", str(other / "compiled.py"))
    compiled.cache_folder.cache_clear()
    one = compiled.cache_folder()
    (other / "more.py").write_text("x = 1\n")
    compiled.cache_folder.cache_clear()
    assert compiled.cache_folder() != one
    monkeypatch.undo()
    compiled.cache_folder.cache_clear()


def test_numbas_own_setting_is_left_as_it_was():
    import numba

    assert "headframe" not in str(numba.config.CACHE_DIR)
