// Finds Swedish personal identity numbers as people usually write them, to warn before one is sent. The server masks
// more (lotsen/privacy/masking.py).

const PERSONAL_NUMBER =
  /(?<![\p{L}\d])(?:(18|19|20)[-. ]?)?(\d\d)[-. ]?(\d\d)[-. ]?(\d\d)([\p{Pd}+./\s]{0,3})(\d{4})(?![\p{L}\d]|-\d\d-)/gu;

/** Return where personal numbers begin and end in `text`: `[{start, end}]`. */
export function findPersonalNumbers(text) {
  return [...text.matchAll(PERSONAL_NUMBER)].filter(isPersonalNumber).map((match) => (
    { start: match.index, end: match.index + match[0].length }
  ));
}

/** Return `text` with `replacement` in place of each personal number. */
export function withoutPersonalNumbers(text, replacement) {
  return findPersonalNumbers(text).reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + replacement + rest.slice(end), text,
  );
}

/** A separator or a century makes a date enough; ten bare digits must pass the Luhn check, as phone numbers don't. */
function isPersonalNumber([, century, year, month, day, separator, last]) {
  const plainDay = Number(day) > 60 ? Number(day) - 60 : Number(day);
  const isDate = (century ? [century] : ["18", "19", "20"]).some((hundred) => {
    const date = new Date(Date.UTC(Number(hundred + year), Number(month) - 1, plainDay));
    return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === plainDay;
  });
  return isDate && Boolean(century || separator.trim() || passesLuhn(year + month + day + last));
}

function passesLuhn(digits) {
  const sum = [...digits].reduce((total, digit, index) => total + Number(index % 2 ? digit : "0246813579"[digit]), 0);
  return sum % 10 === 0;
}
