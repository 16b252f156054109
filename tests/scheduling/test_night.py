"""The record of a night shows first what a person has to look at."""

from pathlib import Path

from labelhouse.querying.check import Checked
from labelhouse.scheduling.night import Night
from labelhouse.sql_library.headers import Severity


def checked(name: str, severity: Severity, count: int, error: str | None = None) -> Checked:
    rows = [("street", f"{name} | <first>")] * min(count, 1)
    return Checked(
        name, severity, "", "", f"sql/checks/{name}.sql", count, ("project", "what"), rows, {}, error
    )


def test_failing_checks_come_first_and_the_summary_lists_them(tmp_path: Path) -> None:
    night = Night.begin("sources.toml", tmp_path, 1)
    night.add_checks(
        [
            checked("a_sound_error", "error", 0),
            checked("b_warning", "warning", 1200),
            checked("c_sound_warning", "warning", 0),
            checked("d_error", "error", 2),
            checked("e_broken", "warning", 0, "no such column"),
        ]
    )
    names = ["d_error", "b_warning", "e_broken", "a_sound_error", "c_sound_warning"]
    assert [row["check"] for row in night.checks] == names
    night.add_failed("a.json", "street", "cut short")
    assert night.markdown().partition("## Likely wrong\n")[2].splitlines() == [
        "",
        "| check | severity | rows | the first |",
        "|---|---|--:|---|",
        "| d_error | error | 2 | street: d_error \\| &lt;first&gt; |",
        "| b_warning | warning | 1,200 | street: b_warning \\| &lt;first&gt; |",
        "| e_broken | warning | 0 | no such column |",
        "",
        "## Not loaded",
        "",
        "    cut short",
    ]


def test_a_night_without_findings_has_no_list_of_them(tmp_path: Path) -> None:
    night = Night.begin("sources.toml", tmp_path, 1)
    night.add_checks([checked("sound", "error", 0)])
    assert "Likely wrong" not in night.markdown()
