"""Masking: personal identity numbers never survive, other numbers do; the package ``personnummer`` is the judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer

from lotsen.privacy.masking import TOKEN, mask, mask_all
from lotsen.settings import CONTENT

MAX_BODY = 16 * 1024
NBSP, THIN, NARROW = "\u00a0", "\u2009", "\u202f"
EN_DASH, HARD_HYPHEN, MINUS = "\u2013", "\u2011", "\u2212"
INNER_GAPS = ("", "-", ".", " ", NBSP, EN_DASH)
SEPARATORS = ("", "-", "+", " ", NBSP, THIN, NARROW, EN_DASH, HARD_HYPHEN, MINUS, ".", "/", " - ", f" {EN_DASH} ")


def luhn_digit(nine: str) -> int:
    """Return the control digit of nine digits."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


@dataclass(frozen=True)
class Number:
    """A valid number: its eight digits of date, and the last four."""

    day: str
    last: str

    @property
    def plain(self) -> str:
        """Return the twelve digits."""
        return self.day + self.last


@st.composite
def numbers(draw: st.DrawFn, first: int = 1840, last: int = 2030) -> Number:
    """Draw a valid personnummer or samordningsnummer of someone born in these years."""
    born = draw(st.dates(date(first, 1, 1), date(last, 12, 31)))
    day = born.day + (60 if draw(st.booleans()) else 0)
    written = f"{born.year:04}{born.month:02}{day:02}"
    serial = f"{draw(st.integers(1, 999)):03}"
    return Number(written, serial + str(luhn_digit(written[2:] + serial)))


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    """Draw a valid number, written in any of the ways that people write it."""
    number = draw(numbers())
    gap = draw(st.sampled_from(INNER_GAPS))
    year = number.day[:4] if draw(st.booleans()) else number.day[2:4]
    return gap.join((year, number.day[4:6], number.day[6:])) + draw(st.sampled_from(SEPARATORS)) + number.last


without_digits = st.text(st.characters(exclude_categories=["Nd", "Cs"]))
before_a_number = without_digits.filter(lambda text: not text[-1:].isalnum())
after_a_number = without_digits.filter(lambda text: not text[:1].isalnum())

OTHER_NUMBERS = [
    *("1", "12", "45", "90", "123", "14141", "0770-72 00 00", "kl. 08.00", "14:30", "2024-01-15", "15/1", "2023"),
    *("LOT-000123", "232100-0040", "SE2321000040-AB12", "00 00 00", "F5", "3.6.21"),
]
BETWEEN = [" ", "\n", ", ", ": ", " (", "; ", " – ", "/", "-", ".", "_"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("19121212-1212", id="12 digits"),
        pytest.param("191212121212", id="12 bare digits"),
        pytest.param("121212-1212", id="10 digits"),
        pytest.param("1212121212", id="10 bare digits"),
        pytest.param("121212+1212", id="plus, from the year of 100"),
        pytest.param("19121212+1212", id="12 digits with plus"),
        pytest.param("19121212 1212", id="space"),
        pytest.param(f"19121212{NBSP}1212", id="no-break space"),
        pytest.param(f"19121212{EN_DASH}1212", id="en dash"),
        pytest.param(f"19121212{HARD_HYPHEN}1212", id="no-break hyphen"),
        pytest.param(f"19121212{MINUS}1212", id="minus"),
        pytest.param("19121212 - 1212", id="spaces around the hyphen"),
        pytest.param("1912-12-12-1212", id="hyphens between the parts"),
        pytest.param("1912-12-12 1212", id="hyphens in the date"),
        pytest.param("12.12.12-1212", id="dots in the date"),
        pytest.param("1912 12 12 1212", id="spaces between the parts"),
        pytest.param("19 121212-1212", id="space after the century"),
        pytest.param("19121272-1219", id="samordningsnummer"),
        pytest.param("121272-1219", id="samordningsnummer, 10 digits"),
        pytest.param("19121212-1213", id="typing error in the last digit"),
        pytest.param("121212-1213", id="typing error in the last digit, 10 digits"),
        pytest.param("191212121213", id="typing error in the last digit, 12 bare digits"),
    ],
)
def test_forms(written: str) -> None:
    """Every usual way of writing a number is masked, the text around it kept."""
    assert mask(f"Patienten ({written}), kommer inte in.") == f"Patienten ({TOKEN}), kommer inte in."


@pytest.mark.parametrize(
    "text",
    [
        "0770-72 00 00",
        "036-32 10 00",
        "Ring 14141.",
        "070-123 45 67",
        "SE2321000040-AB12",
        "[HSA-id]",
        "232100-0040",
        "16232100-0040",
        "LOT-000123",
        "INC0012345",
        "2024-01-15",
        "20240115",
        "15/1 2024",
        "den 15 januari 2024 kl. 14.30",
        "2024-01-15 14:30",
        "2023-01-01 – 2023-12-31",
        "2023-01-01-2023-12-31",
        "20230101-20231231",
        "20231312-1212",
        "20231260-1212",
        "20231292-1212",
        "20230229-1212",
        "1212121213",
        "12121212121",
        "1912121212121",
        "1 000 000 kr",
        "3.6.21",
        "https://inera.atlassian.net/wiki/spaces/OSOB/pages/3062403/Checklistor",
    ],
)
def test_other_numbers_survive(text: str) -> None:
    """Phone, case, organisation and HSA numbers, dates and impossible dates are left as they are."""
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("19121212-1212 och 19121212-1212", f"{TOKEN} och {TOKEN}", id="two numbers"),
        pytest.param("19121212-1212 19121212-1212", f"{TOKEN} {TOKEN}", id="two numbers side by side"),
        pytest.param("avd 12 19121212-1212", f"avd 12 {TOKEN}", id="a ward's number before"),
        pytest.param("kl 08.00 19121212-1212", f"kl 08.00 {TOKEN}", id="a time before"),
        pytest.param("2024-01-15 19121212-1212", f"2024-01-15 {TOKEN}", id="a date before"),
        pytest.param("2024-01-15 1912-12-12-1212", f"2024-01-15 {TOKEN}", id="a date before a spaced number"),
        pytest.param("19121212-1212 12", f"{TOKEN} 12", id="a number after"),
        pytest.param("19121212-1212/19121212-1212", f"{TOKEN}/{TOKEN}", id="a slash between two numbers"),
        pytest.param("19121212-1212, 121212-1212", f"{TOKEN}, {TOKEN}", id="a comma between two numbers"),
        pytest.param("ärende 19121212-1212/1", f"ärende {TOKEN}/1", id="a serial number after a slash"),
        pytest.param("ärende 19121212-1212-1", f"ärende {TOKEN}-1", id="a serial number after a hyphen"),
        pytest.param("19121212-1212.2024-01-15", f"{TOKEN}.2024-01-15", id="a date after a full stop"),
        pytest.param("pnr:19121212-1212.", f"pnr:{TOKEN}.", id="marks around"),
        pytest.param("rad ett\n19121212-1212\nrad tre", f"rad ett\n{TOKEN}\nrad tre", id="a line of its own"),
        pytest.param("_19121212-1212_", f"_{TOKEN}_", id="underscores around"),
        pytest.param("skärmbild_19121212-1212.png", f"skärmbild_{TOKEN}.png", id="a file name"),
    ],
)
def test_neighbours(text: str, masked: str) -> None:
    """What stands beside a number neither hides it nor is masked with it."""
    assert mask(text) == masked


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("second", ["121212-1212", "19121212-1212", "1912-12-12-1212", "12 12 12 1212", "1212121212"])
@pytest.mark.parametrize("first", ["121212-1212", "19121212-1212", "1912-12-12-1212", "12 12 12 1212", "1212121212"])
def test_two_numbers_that_could_be_read_as_one(first: str, second: str, between: str) -> None:
    """No digit survives of two numbers, though the first's end and the second's beginning look like a third."""
    assert not any(character.isdecimal() for character in mask(first + between + second))


@given(before=before_a_number, number=written_numbers(), after=after_a_number)
def test_any_number_in_any_text(before: str, number: str, after: str) -> None:
    """A valid number, however written, is masked in any text; what stands around it stays."""
    assert mask(before + number + after) == before + TOKEN + after


@given(
    first=st.lists(st.sampled_from(OTHER_NUMBERS), max_size=3),
    number=written_numbers(),
    last=st.lists(st.sampled_from(OTHER_NUMBERS), max_size=1),
    between=st.sampled_from(BETWEEN),
)
def test_any_number_beside_other_numbers(first: list[str], number: str, last: list[str], between: str) -> None:
    """No digit of a valid number survives beside other numbers; at most a part of these is masked with it."""
    before, after = "".join(other + between for other in first), "".join(between + other for other in last)
    head, *_, tail = mask(before + number + after).split(TOKEN)
    assert before.startswith(head)
    assert after.endswith(tail)


@given(numbers_written=st.lists(written_numbers(), min_size=2, max_size=4), between=st.sampled_from(BETWEEN))
def test_numbers_side_by_side(numbers_written: list[str], between: str) -> None:
    """However valid numbers are put beside each other, no digit of any survives."""
    masked = mask(between.join(numbers_written))
    assert not any(character.isdecimal() for character in masked)


@given(number=numbers(first=1840), long=st.sampled_from(["{}{}", "{}-{}", "{}+{}"]))
def test_judge_of_twelve_digits(number: Number, long: str) -> None:
    """What the package holds for a number with twelve digits is masked."""
    written = long.format(number.day, number.last)
    assert personnummer.valid(written)
    assert mask(written) == TOKEN


@given(number=numbers(first=1940, last=2020), short=st.sampled_from(["{}{}", "{}-{}"]))
def test_judge_of_ten_digits(number: Number, short: str) -> None:
    """What the package holds for a number with ten digits is masked."""
    written = short.format(number.day[2:], number.last)
    assert personnummer.valid(written)
    assert mask(written) == TOKEN


@given(number=numbers(first=1840, last=1920))
def test_judge_of_ten_digits_with_plus(number: Number) -> None:
    """What the package holds for the number of someone over 100 is masked."""
    written = f"{number.day[2:]}+{number.last}"
    assert personnummer.valid(written)
    assert mask(written) == TOKEN


@given(
    day=numbers().map(lambda number: number.day[2:]) | st.integers(0, 999_999).map("{:06}".format),
    last=st.integers(10, 9999),
)
def test_ten_bare_digits_are_masked_only_if_valid(day: str, last: int) -> None:
    """Ten digits in a row are masked exactly if the package holds them for valid, so that phone numbers survive."""
    written = f"{day}{last:04}"
    assert (mask(written) == TOKEN) == personnummer.valid(written)


@given(
    text=st.text()
    | st.lists(st.sampled_from([*OTHER_NUMBERS, "19121212-1212", "1212121212", " ", "-", ".", "/"])).map("".join)
)
def test_masking_twice_is_masking_once(text: str) -> None:
    """What has been masked is not changed by masking again."""
    assert mask(mask(text)) == mask(text)


@given(text=without_digits)
def test_text_without_digits_is_unchanged(text: str) -> None:
    """Only digits are ever masked."""
    assert mask(text) == text


def test_a_message_of_spaces_is_unchanged() -> None:
    """A date and the longest run of spaces that the web channel lets in is no number."""
    text = "121212" + " " * MAX_BODY + "x"
    assert mask(text) == text


def test_mask_all_reaches_every_string() -> None:
    """Strings are masked at every depth; keys and other values stay, tuples become lists as in JSON."""
    value: Any = {"a": "pat 19121212-1212", "19121212-1212": [1, None, True, ("1212121212", {"b": "hej 14141"})]}
    assert mask_all(value) == {"a": f"pat {TOKEN}", "19121212-1212": [1, None, True, [TOKEN, {"b": "hej 14141"}]]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": ["hej", ("kort", 1)], "b": {"c": "14141"}}, id="no four digits"),
        pytest.param({"id": "f1234a", "tokens": [(0, 3), (4, 7)], "ö": [None, 1.5, "år 2024"]}, id="digits, no number"),
    ],
)
def test_mask_all_returns_what_holds_no_number(value: Any) -> None:
    """What has nothing to mask is not copied, tuples and all, so that its caller can tell."""
    assert mask_all(value) is value


def test_the_content_has_nothing_to_mask() -> None:
    """No line of the content, its thousands of examples of what users write among them, is taken for a number."""
    lines = [line for path in CONTENT.rglob("*.yml") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 5_000
    assert [line for line in lines if mask(line) != line] == []
