"""Numbers that are nobody's, as they stand in what staff write: telephones, cases, invoices, dates, versions ..."""

from __future__ import annotations

import string
from datetime import date, timedelta
from random import Random
from typing import Callable, Dict

SHAPES = (
    *("{}", "{}.", "det gäller {}", "Jag får {} när jag loggar in", "se {} tack", "({})", "hej, {} fungerar inte"),
    *("Hej!\nVi har {} här.\n/Moa", "nr {}", "angående {}, när får vi svar?", "”{}”", "{} och {}", "felet kom: {}"),
    *("{}, avd 12", "rum 4, {}", "kl 08.30 kom {}", "{} / 3", "# {}", "vi fick {} i går", "{} igen!!", "Gäller: {};"),
    *("- {}", "{}!"),
)


def day(random: Random, first: int = 1900, last: int = 2025) -> date:
    """Return any day of these years."""
    begin = date(first, 1, 1)
    return begin + timedelta(days=random.randrange((date(last, 12, 31) - begin).days + 1))


def luhn_digit(digits: str) -> str:
    """Return the check digit of nine digits, or any other number of them that the doubling begins with."""
    doubled = [int(digit) * (2 if (len(digits) - index) % 2 else 1) for index, digit in enumerate(digits)]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def letters(random: Random, count: int, of: str = string.ascii_uppercase) -> str:
    """Return so many signs."""
    return "".join(random.choice(of) for _ in range(count))


def digits(random: Random, count: int) -> str:
    """Return so many digits."""
    return letters(random, count, string.digits)


def _phone(random: Random) -> str:
    area = random.choice(("070", "072", "073", "076", "079", "08", "031", "040", "0470", "0511", "054", "010", "0771"))
    rest = digits(random, random.choice((6, 7, 8)) if area == "08" else random.choice((7, 7, 6)))
    grouped = f"{rest[:-4]} {rest[-4:-2]} {rest[-2:]}".strip()
    abroad = random.choice(("+46 ", "+46", "0046 ", "+46 (0)")) + area[1:]
    written = (f"{area}-{grouped}", f"{area} {grouped}", area + rest, f"{area}-{rest}", f"{area}/{grouped}")
    return random.choice((*written, f"{abroad}-{grouped}"))


def _case(random: Random) -> str:
    name, size = random.choice((("LOT-", 6), ("INC", 7), ("RITM", 7), ("ärende ", 6), ("case ", 9), ("#", 5)))
    return name + digits(random, size)


def _case_by_date(random: Random) -> str:
    return f"{random.choice(('', 'order ', 'F'))}{day(random, 2018, 2026):%Y%m%d}-{digits(random, 3)}"


def _invoice(random: Random) -> str:
    number = digits(random, random.randint(4, 14))
    word = random.choice(("OCR ", "OCR-nr: ", "faktura ", "fakturanr ", "ordernummer ", "", "ref. "))
    return word + number + random.choice((luhn_digit(number), digits(random, 1)))


def _organisation(random: Random) -> str:
    begin = f"{random.choice('2589')}{random.randint(1, 3)}{random.randint(20, 99)}{digits(random, 2)}"
    return begin + random.choice(("-", "", " ")) + digits(random, 4)


def _date(random: Random) -> str:
    one, two, recent = day(random, 2010, 2026), day(random, 2010, 2026), day(random, 2023, 2026)
    hour, minute = f"{random.randint(0, 23):02}", f"{random.randint(0, 59):02}"
    time = f"{hour}{random.choice('.:')}{minute}"
    written = (
        *(f"{one:%Y-%m-%d}", f"{one:%Y%m%d}", f"{one:%y%m%d}", f"{one:%d/%m %Y}", f"{one:%d.%m.%Y}"),
        *(f"{one:%Y-%m-%d} {time}", f"{one:%Y%m%d} {time}", f"{one:%y%m%d} {time}", f"{one:%Y-%m-%d}T{time}:00Z"),
        *(f"{one:%Y-%m-%d} – {two:%Y-%m-%d}", f"{one:%Y%m%d}-{two:%Y%m%d}", f"{one:%Y-%m-%d}--{two:%Y-%m-%d}"),
        *(f"{one:%Y-%m-%d} till {two:%Y-%m-%d}", f"{one:%Y}-{two:%Y}", f"{one:%y%m%d}-{two:%y%m%d}"),
        *(f"{recent:%Y-%m-%d} {hour}{minute}", f"{one:%Y-%m-%d} {hour}{minute}30", f"{one:%Y%m%d%H%M%S}"),
        *(f"{one.day}/{one.month} kl {time}", f"{time}-{time}", f"v{one:%V} {one:%Y}", f"{one:%Y-%m-%d} kl14"),
        *(f"{one:%Y-%m-%d} avd {random.randint(1, 99)}", f"{one:%Y%m%d} rum4", f"{one:%Y%m%d}_{two:%Y%m%d}"),
    )
    return random.choice(written)


def _address(random: Random) -> str:
    return ".".join(str(random.randint(0, 255)) for _ in range(4)) + random.choice(("", ":8080"))


def _postal_code(random: Random) -> str:
    return f"{random.randint(1, 9)}{digits(random, 2)} {digits(random, 2)} Ort {random.randint(1, 99)}"


def _version(random: Random) -> str:
    return ".".join(str(random.randint(0, most)) for most in (140, 9, 9999, 300))


def _price(random: Random) -> str:
    thousands = f"{random.randint(1, 999)} {digits(random, 3)} kr"
    return random.choice((thousands, f"{random.randint(1, 10**6)}:-", f"{digits(random, 4)},50 SEK"))


def _account(random: Random) -> str:
    groups = " ".join(digits(random, 4) for _ in range(5))
    giro = f"pg {digits(random, 2)} {digits(random, 2)} {digits(random, 2)}-{digits(random, 1)}"
    iban = random.choice((f"SE{digits(random, 2)} {groups}", f"SE{digits(random, 22)}"))
    return random.choice((iban, groups[:19], giro, f"bg {digits(random, 4)}-{digits(random, 4)}"))


def _book(random: Random) -> str:
    apart = f"978-91-{digits(random, 4)}-{digits(random, 3)}-{digits(random, 1)}"
    return random.choice((f"ISBN {apart}", f"97891{digits(random, 8)}", f"ISBN {digits(random, 10)}"))


def _card(random: Random) -> str:
    return random.choice((f"9752{digits(random, 12)}", f"SITHS {digits(random, 16)}", digits(random, 20)))


def _error(random: Random) -> str:
    hexadecimal = f"0x{letters(random, 8, '0123456789ABCDEF')}"
    return random.choice(
        (hexadecimal, f"fel {digits(random, 3)}", f"0x8007{digits(random, 4)}", f"E{digits(random, 5)}")
    )


def _id(random: Random) -> str:
    uuid = "-".join(letters(random, size, "0123456789abcdef") for size in (8, 4, 4, 4, 12))
    page = f"https://inera.atlassian.net/wiki/spaces/OSOB/pages/{digits(random, 10)}/Checklistor"
    picture = f"IMG_{day(random, 2020, 2026):%Y%m%d}_{digits(random, 6)}.jpg"
    return random.choice((uuid, uuid.replace("-", ""), f"SE{digits(random, 10)}01", page, picture))


def _few_digits(random: Random) -> str:
    return f"{random.randint(1, 99)} av {random.randint(1, 999)} patienter, rum {random.randint(1, 4000)}"


DECOYS: Dict[str, Callable[[Random], str]] = {
    "IP address": _address,
    "ISBN": _book,
    "IBAN, card, giro": _account,
    "SITHS card's serial": _card,
    "case": _case,
    "case by date": _case_by_date,
    "date, time": _date,
    "error code": _error,
    "few digits": _few_digits,
    "invoice, OCR": _invoice,
    "organisation": _organisation,
    "postal code": _postal_code,
    "price": _price,
    "telephone": _phone,
    "UUID, address, file": _id,
    "version": _version,
}
