"""
Sources of expected values: plates and listings quoted apart from the table; the one S19j Pro that
was measured at three settings; arithmetic on them.
"""

import doctest
import re
from datetime import date

import pytest

from headframe.analytics import machine_catalogue as module
from headframe.analytics.machine_catalogue import catalogue, model
from headframe.analytics.machine_figures import PRESETS, ROWS, SOURCES


def test_the_examples_run():
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("name", "j_per_th"),
    [
        ("antminer_s9", 98.0),
        ("antminer_s19_pro", 29.5),
        ("antminer_s19_xp", 21.5),
        ("antminer_s21", 17.5),
        ("antminer_s21_xp", 13.5),
        ("antminer_s23_hyd", 9.5),
        ("whatsminer_m30s_plus_plus", 32.75),
        ("whatsminer_m50s", 26.0),
        ("whatsminer_m60s", 18.5),
    ],
)
def test_efficiencies_that_makers_state(name, j_per_th):
    assert model(name).preset("nameplate").efficiency_j_per_th == pytest.approx(j_per_th, abs=0.05)


def test_the_low_power_preset_is_that_of_the_machine_that_was_measured():
    low = model("antminer_s21").preset("low_power")
    assert low.hashrate_th_s == pytest.approx(155.2083, abs=1e-4)  # 200 x 74.5 / 96
    assert low.power_w == pytest.approx(2339.4737, abs=1e-4)  # 3500 x 1905 / 2850
    assert low.basis == "assumed"
    saved = 1.0 - low.efficiency_j_per_th / 17.5
    assert saved == pytest.approx(0.1387, abs=1e-4)  # 25.57 against 29.69 J/TH
    own = model("antminer_s19j_pro_96").preset("underclocked")
    assert (own.hashrate_th_s, own.power_w, own.basis) == (74.5, 1905.0, "measured")


def test_only_new_air_cooled_machines_without_a_published_setting_are_given_low_power():
    names = {m.name: {p.name for p in m.presets} for m in catalogue().values()}
    assert "low_power" in names["antminer_t21"]
    assert names["antminer_s9"] == {"nameplate"}  # sold since 2016
    assert names["antminer_s21_hyd"] == {"nameplate"}  # cooled by water
    assert names["antminer_s19a_pro"] == {"nameplate"}  # nobody says since when
    assert names["antminer_s19j_pro_96"] == {"nameplate", "underclocked", "overclocked"}


def test_the_derived_presets_follow_frequency_and_voltage():
    ultra = model("bitaxe_ultra")
    plate = ultra.preset("nameplate")
    for name, mhz, volt in (("quiet", 420.0, 1.13), ("turbo", 625.0, 1.25)):
        preset = ultra.preset(name)
        f = mhz / 490.0
        assert preset.hashrate_th_s == pytest.approx(plate.hashrate_th_s * f, rel=2e-4)
        watts = plate.power_w * f * (volt / 1.19) ** 2
        assert preset.power_w == pytest.approx(watts, rel=5e-3)


def test_every_row_has_a_source_that_is_explained_and_sense():
    assert len(catalogue()) == len(ROWS) >= 70
    for m in catalogue().values():
        for preset in m.presets:
            named = [s for s in SOURCES if re.search(rf"\b{s}\b", preset.source)]
            assert named, f"{m.name}: {preset.source}"
            assert preset.hashrate_th_s > 0.0
            assert preset.power_w > 0.0
        assert re.fullmatch(r"[a-z][a-z0-9_]*", m.name)
        if m.released is not None:
            assert date(2009, 1, 3) <= m.released < date(2026, 12, 31)
    assert set(PRESETS) <= set(catalogue())


def test_machines_became_ten_million_times_as_efficient():
    first = model("phenom_x6").preset("nameplate").efficiency_j_per_th
    last = model("antminer_s23_hyd").preset("nameplate").efficiency_j_per_th
    assert first / last == pytest.approx(125 / 22e-6 / 9.5, rel=1e-9)


def test_what_is_not_there_names_what_is_close():
    with pytest.raises(ValueError, match=r"'antminer_s21x' .* did you mean antminer_s21"):
        model("antminer_s21x")
    with pytest.raises(ValueError, match="its names stand in machine_figures"):
        model("zzz")
    with pytest.raises(ValueError, match="one of nameplate, low_power"):
        model("antminer_s21").preset("turbo")
