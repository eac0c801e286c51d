"""Lines as staff write them, made from a seed: with numbers of every kind in every form, and with others.

The numbers are nobody's: birth numbers 980 to 999 are Skatteverket's for tests, reserve numbers are of people born
before 1900, and HSA-ids are of Inera's own organisation number with made-up ends.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from random import Random
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from tests.privacy.decoys import DECOYS, day, digits, letters, luhn_digit
from tests.privacy.decoys import SHAPES as DECOY_SHAPES

LINES = 20_000
SEED = 9
DECOY_SHARE = 0.5

PERSONAL, RESERVE, HSA_ID = "personnummer", "reservnummer", "HSA-id"
COORDINATION = "samordningsnummer"


@dataclass(frozen=True)
class Line:
    """One line. ``kind`` and ``form`` are its row in the tables."""

    kind: str
    form: str
    text: str
    masked: str
    """What it should become; a decoy should stay as it is."""
    number: str = ""
    """As the package ``personnummer`` may read it: empty if the line has none, or in a form that it never takes."""

    @property
    def decoy(self) -> bool:
        """Tell whether the line has nothing to mask."""
        return self.text == self.masked


SHAPES = [
    *("{}", "pat {}", "Patienten ({}) kommer inte in.", "pnr: {}", "Hej! Patient {} kan inte logga in, vad gör jag?"),
    *("personnummer {}.", "nr {}", "det gäller {} som ska börja imorgon", "{} får fel när hon loggar in med BankID"),
    *("Kan ni titta på {}? /Moa", "hej\njag har en pat\n{}\nsom inte ser sitt program", "Gäller: {}, akut!!", "\t{}\t"),
    *("kl 08.30 ringde {} och sa att sidan var vit", "avd 12 {} rum 4", "”{}”", "[{}]", "<{}>", "id={};", "- {}"),
    *("INC0012345 {} väntar på svar", "den 15/1 loggade {} in sist", "ring 070-174 06 35 om {}", "{}!", "*{}*", "#{}"),
    *("SKICKADE TILL {} MEN INGET HÄNDER", "jag söker på {} men får noll träffar", "(pnr {})", "{}, {} år", "pat:{}"),
    *("Mamma till {} undrar.", "vi har lagt upp {} två gånger", "fel nr? {}", "remiss för {} saknas", "{} => fel 500"),
    *("skärmbild_{}.png", "https://example.se/patient/{}", "{}?", "Namn: Test Testsson\nPnr: {}\nEnhet: Psyk norr"),
]
HSA_SHAPES = [
    *("{}", "mitt hsa-id är {}", "HSA-id {}, kan ni lägga till?", "användaren ({}) finns redan", "hsaid: {}.", "”{}”"),
    *("lägg till {} som behandlare tack", "felet säger {} finns redan på enheten", "id={};", "{}!", "Gäller {} / Moa"),
]
_AGE = "4"

NBSP, THIN, NARROW, ZERO_WIDTH, SOFT = "\u00a0", "\u2009", "\u202f", "\u200b", "\u00ad"
SEPARATORS: Mapping[str, Sequence[str]] = {
    "hyphen": ("-",),
    "none": ("",),
    "plus": ("+",),
    "space": (" ", NBSP, THIN, NARROW, "\t", "  "),
    "other dash": ("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"),
    "dash in spaces": (" - ", "- ", " -", " \u2013 ", f"{NBSP}-{NBSP}"),
    "dot, slash": (".", "/", " / ", ". "),
    "odd mark": (",", ":", ";", "_", "--", "-.", ", "),
    "line break": ("\n", "\r\n", "-\n"),
    "in words": (" sista fyra ", ", de fyra sista är ", " streck ", " bindestreck ", " minus ", " sista 4: "),
}
INNER = ("-", ".", " ", NBSP, "\u2013")
WORDS_AHEAD = ("pnr", "personnr", "pnr:", "Personnummer", "personnummer är", "samordningsnummer", "p-nr")
_PLAIN = ("{}", "hej {} kommer inte in", "gäller {}.")


def lines(count: int = LINES, seed: int = SEED) -> List[Line]:
    """Return the lines; the same for the same arguments."""
    random = Random(seed)
    numbers, decoys = [*_numbers()], sorted(DECOYS)
    made: List[Line] = []
    while len(made) < count:
        decoy = random.random() < DECOY_SHARE
        made.append(_decoy(random, random.choice(decoys)) if decoy else random.choice(numbers)(random))
    return made


def _numbers() -> Iterator[Callable[[Random], Line]]:
    """Yield what makes a line of each kind, the frequent ones more than once."""
    for kind in (PERSONAL, PERSONAL, COORDINATION):
        for form in SEPARATORS:
            yield lambda random, kind=kind, form=form: _separated(random, kind, form)  # type: ignore[misc]
        for form in _ODD_FORMS:
            yield lambda random, kind=kind, form=form: _odd(random, kind, form)  # type: ignore[misc]
    for form in _RESERVE:
        for _ in range(2):
            yield lambda random, form=form: _reserve(random, form)  # type: ignore[misc]
    for form in _HSA_FORMS:
        yield lambda random, form=form: _hsa(random, form)  # type: ignore[misc]


def _line(random: Random, kind: str, form: str, written: str, number: str = "", shape: str = "") -> Line:
    """Put a number into words."""
    shape = shape or random.choice(HSA_SHAPES if kind == HSA_ID else SHAPES)
    shape = random.choice((shape, shape, shape.upper(), shape.lower()))
    token = f"[{PERSONAL if kind == COORDINATION else kind}]"
    return Line(kind, form, _fill(shape, written), _fill(shape, token), number)


def _fill(shape: str, written: str) -> str:
    return shape.replace("{}", written, 1).replace("{}", _AGE)


def _parts(random: Random, kind: str, wrong: bool = False) -> Tuple[str, str]:
    """Return eight digits of a date, and the last four; ``wrong``: with a typing error in these."""
    born = day(random)
    written = f"{born.year}{born.month:02}{born.day + (60 if kind == COORDINATION else 0):02}"
    serial = str(random.randint(980, 999))
    last = serial + luhn_digit(written[2:] + serial)
    if wrong:
        last = random.choice((last[:3] + str((int(last[3]) + random.randint(1, 9)) % 10), last[1] + last[0] + last[2:]))
    return written, last


def _separated(random: Random, kind: str, form: str) -> Line:
    """Make a line with one of the separators; those that are enough by themselves also with a wrong check digit."""
    long = random.random() < 0.5
    enough = form not in ("odd mark", "line break") and (long or form not in ("none", "space"))
    written, last = _parts(random, kind, wrong=enough and random.random() < 0.15)
    born = written if long else written[2:]
    separator = random.choice(SEPARATORS[form])
    if form != "none" and random.random() < 0.15:
        gap = random.choice(INNER)
        born = gap.join((written[:4] if long else written[2:4], written[4:6], written[6:]))
    number = born + separator + last if form in ("hyphen", "none", "plus") else ""
    return _line(random, kind, form, born + separator + last, number)


def _hidden(random: Random, born: str, last: str) -> str:
    signs = list(f"{born}-{last}")
    for _ in range(random.randint(1, 3)):
        signs.insert(random.randint(1, len(signs) - 1), random.choice((ZERO_WIDTH, SOFT, "\u2060", "\u200e")))
    return "".join(signs)


def _letter(random: Random, born: str, last: str) -> str:
    number = born + random.choice(("-", "")) + last
    place = random.choice([place for place, sign in enumerate(number[1:-1], 1) if sign in "01"])
    return number[:place] + random.choice("Oo" if number[place] == "0" else "Il") + number[place + 1 :]


def _too_few_or_many(random: Random, born: str, last: str) -> str:
    place = random.randint(4, 7)
    return random.choice(
        (f"{born[:place]}{born[place + 1 :]}-{last}", f"{born}-{last[1:]}", f"{born}-{last}{last[-1]}")
    )


_WIDE = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
_ODD: Dict[str, Callable[[Random, str, str], str]] = {
    "century apart": lambda random, born, last: f"{born[:2]} {born[2:]}-{last}",
    "digit too few or many": _too_few_or_many,
    "digits in pairs": lambda random, born, last: " ".join(map("".join, zip(*[iter(born + last)] * 2, strict=True))),
    "hidden signs": _hidden,
    "last four apart": lambda random, born, last: f"{born[random.choice((0, 2)) :]}-{last[:2]} {last[2:]}",
    "letter for a digit": _letter,
    "wide digits": lambda random, born, last: (born + random.choice(("-", "\uff0d", "")) + last).translate(_WIDE),
}
"""Ways in which few write, or that are typing errors."""
STUCK, NAMED = "stuck to letters", "after its word, date wrong"
_STUCK = ("pnr{}", "pat{}", "{}pat", "id{}", "nr{}kvinna")
_ODD_FORMS = (*_ODD, STUCK, NAMED)


def _odd(random: Random, kind: str, form: str) -> Line:
    """Make a line with a number in one of these ways."""
    born, last = _parts(random, kind)
    shape = ""
    if form == STUCK:
        shape = random.choice(_PLAIN).replace("{}", random.choice(_STUCK))
        written = random.choice((born + last, f"{born}-{last}"))
    elif form == NAMED:
        shape = random.choice(_PLAIN).replace("{}", f"{random.choice(WORDS_AHEAD)} {{}}")
        written = random.choice((f"{born[:4]}13{born[6:]}{last}", f"{born}-{last[:3]}", f"{born}{last}0"))
    else:
        written = _ODD[form](random, born, last)
    return _line(random, kind, form, written, shape=shape)


_NATIONAL_LETTERS = "ABCDEFGHJKLMNPRSTUXYZ"


def _born(random: Random) -> str:
    return f"{day(random, 1840, 1899):%Y%m%d}"


def _stockholm(random: Random) -> Tuple[str, str]:
    year = str(random.randint(1880, 1899))
    serial = digits(random, 5)
    return f"99{year}{serial[:2]}", serial[2:] + luhn_digit(year + serial)


_RESERVE: Dict[str, Callable[[Random], Tuple[str, str]]] = {
    "national": lambda random: (
        f"{random.choice(('00', str(random.randint(22, 99))))}{_born(random)[2:]}",
        letters(random, 2, _NATIONAL_LETTERS) + digits(random, 2),
    ),
    "stockholm": _stockholm,
    "vgr": lambda random: (_born(random), random.choice("KMX") + digits(random, 3)),
    "varmland": lambda random: (_born(random), letters(random, 2) + digits(random, 2)),
    "skane": lambda random: (_born(random), random.choice((letters(random, 1) + digits(random, 3), "1A2B", "12C4"))),
    "carelink": lambda random: (f"{_born(random)[:6]}{random.randint(32, 59)}", digits(random, 4)),
}


def _reserve(random: Random, form: str) -> Line:
    """Make a line with a reserve number."""
    born, last = _RESERVE[form](random)
    separator = random.choice(("", "", "-", "-", " ", NBSP, "\u2013", " - ", f"-{ZERO_WIDTH}"))
    if separator.strip() or not separator:
        last = random.choice((last, last, last.lower()))
    return _line(random, RESERVE, form, born + separator + last)


_HSA_FORMS = ("as it is", "small letters", "spaces", "other dash")


def _hsa(random: Random, form: str) -> Line:
    """Make a line with an HSA-id."""
    end = letters(random, random.randint(1, 8), string.ascii_uppercase + string.digits)
    id = f"SE2321000040-{end}{digits(random, 1)}"
    if form == "small letters":
        id = id.lower()
    elif form == "spaces":
        id = random.choice((id.replace("-", " - "), id.replace("-", "- "), id.replace("SE", "SE ", 1)))
    elif form == "other dash":
        id = id.replace("-", random.choice(("\u2013", "\u2011", "\u2010", f"-{ZERO_WIDTH}")))
    return _line(random, HSA_ID, form, id)


def _decoy(random: Random, kind: str) -> Line:
    """Make a line with a number that is nobody's; none of those shapes that say that it is a patient's."""
    text = DECOYS[kind](random)
    shape = random.choice(DECOY_SHAPES)
    text = _fill(shape, text)
    return Line(kind, "decoy", text, text)
