import { closesNumber, codeAt, isBlank, isDigit, opensNumber } from '../chars.ts';
import { dateAround, dateAt } from './date-forms.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * Date of birth: any date of the calendar, in figures or with the month's name, near a word that says that it is one. A
 * date alone is nobody's; confidence and threshold see to that.
 */
export const dateOfBirth: Recognizer = {
  type: 'date_of_birth',
  rule: 'pii/date-of-birth',
  anchors: '0,',
  find,
  initials: '0123456789',
  findWord: (text, start, _end, floor) => find(text, start, floor),
  threshold: 0.5,
  context: {
    words: [
      ...['born', 'born on', 'd o b', 'date of birth', 'birth date', 'birthday', 'day of birth', 'bday', 'b-day'],
      ...['geboren', 'geb', 'geburtsdatum', 'geburtstag', 'geboortedatum', 'geb datum', 'gebdatum'],
      ...['né', 'née', 'né le', 'née le', 'naissance', 'date de naissance', 'ddn'],
      ...['nacimiento', 'fecha de nacimiento', 'nacido', 'nacida', 'nació', 'f nac', 'fecha nac'],
      ...['nascita', 'data di nascita', 'nato il', 'nata il', 'nascimento', 'data de nascimento', 'nascido', 'nascida'],
      ...['född', 'födelsedatum', 'födelsedag', 'født', 'fødselsdato', 'fødselsdag', 'syntymäaika', 'syntynyt', 'synt'],
      ...['data urodzenia', 'urodzony', 'urodzona', 'datum narození', 'narozen', 'narozena', 'dátum narodenia'],
      ...['дата рождения', 'родился', 'родилась', 'дата народження', 'ημερομηνία γέννησης', 'doğum tarihi'],
      ...[
        '生年月日',
        '出生日期',
        '出生年月日',
        '생년월일',
        '생일',
        'जन्म तिथि',
        'जन्मतिथि',
        'tanggal lahir',
        'ngày sinh',
      ],
      ...['تاريخ الميلاد', 'תאריך לידה', 'วันเกิด'],
    ],
    confidence: 0.9,
  },
};

const COMMA = 0x2c;
/** A date says nothing without its word. */
const BASE = 0.1;

/** At a digit, where a date begins or has its day; or at the comma of `March 12, 1980`. */
function find(text: string, at: number, floor: number): Candidate | undefined {
  if (codeAt(text, at) === COMMA) {
    if (!isBlank(codeAt(text, at + 1)) && !isDigit(codeAt(text, at + 1))) return undefined;
    const day = dayBefore(text, at, floor);
    return day < 0 ? undefined : candidate(text, dateAround(text, day, floor), floor);
  }
  return candidate(text, dateAt(text, at), floor) ?? candidate(text, dateAround(text, at, floor), floor);
}

/** Where the day before a comma begins: `12`, `12th`; or -1. */
function dayBefore(text: string, comma: number, floor: number): number {
  for (const length of [1, 2, 3, 4]) {
    const at = comma - length;
    if (at < floor) return -1;
    if (isDigit(codeAt(text, at)) && (at === floor || !isDigit(codeAt(text, at - 1)))) return at;
  }
  return -1;
}

const TIME = /T\d\d:?\d\d/y;

function candidate(
  text: string,
  place: readonly [start: number, end: number] | undefined,
  floor: number,
): Candidate | undefined {
  if (place === undefined) return undefined;
  const [start, end] = place;
  if (start < floor || !opensNumber(text, start, floor)) return undefined;
  TIME.lastIndex = end;
  return { start, end, confidence: BASE, spoiled: !closesNumber(text, end) && !TIME.test(text) };
}
