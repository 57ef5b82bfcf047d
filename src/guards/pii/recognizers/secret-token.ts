import { codeAt } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { bodyEnd, isIn } from './secret-alphabets.ts';
import { hasCrc } from './secret-crc.ts';
import { isMixed, isPlaceholderBody, PLACEHOLDER } from './secret-doubt.ts';
import { endOf, PARTED_FORMS, type PartedForm } from './secret-forms.ts';
import { KEY_FORMS, type KeyForm } from './secret-prefixes.ts';

/** Forms that begin with the same two characters. */
interface Head {
  readonly keys: Keyed<KeyForm>[];
  readonly parted: Keyed<PartedForm>[];
}

/** A form and the third character of its prefix, or 0 if that has only two: most forms of a head are told apart by it. */
interface Keyed<Form> {
  readonly form: Form;
  readonly third: number;
}

interface Heads {
  readonly list: readonly Head[];
  /** By the first two characters: which head it is, counted from 1. */
  readonly byStart: Uint16Array;
}

const HEADS: Heads = heads();

function heads(): Heads {
  const list: Head[] = [];
  const byStart = new Uint16Array(128 * 128);
  const headOf = (prefix: string): Head => {
    const index = prefix.charCodeAt(0) * 128 + prefix.charCodeAt(1);
    if (byStart[index] === 0) byStart[index] = list.push({ keys: [], parted: [] });
    return list[byStart[index]! - 1]!;
  };
  const keyed = <Form extends { readonly prefix: string }>(form: Form): Keyed<Form> => ({
    form,
    third: form.prefix.length > 2 ? form.prefix.charCodeAt(2) : 0,
  });
  for (const form of KEY_FORMS) headOf(form.prefix).keys.push(keyed(form));
  for (const form of PARTED_FORMS) headOf(form.prefix).parted.push(keyed(form));
  return { list, byStart };
}

/** The longest key that begins at `start` with the fixed characters of a provider. */
export function tokenAt(text: string, start: number, floor: number): Candidate | undefined {
  const first = codeAt(text, start);
  const second = codeAt(text, start + 1);
  const head = first < 128 && second < 128 ? HEADS.byStart[first * 128 + second]! : 0;
  if (head === 0) return undefined;
  const { keys, parted } = HEADS.list[head - 1]!;
  const code = codeAt(text, start + 2);
  let best: Candidate | undefined;
  for (const { form, third } of keys) {
    if ((third === 0 || third === code) && text.startsWith(form.prefix, start)) {
      best = better(best, keyAt(text, start, floor, form));
    }
  }
  for (const { form, third } of parted) {
    const { prefix, pattern, confidence } = form;
    if ((third !== 0 && third !== code) || !text.startsWith(prefix, start)) continue;
    const end = endOf(pattern, text, start);
    if (end < 0) continue;
    const sure = doubted(text.slice(start + prefix.length, end), confidence);
    best = better(best, closed(text, { start, end, confidence: sure }));
  }
  return best;
}

function better(best: Candidate | undefined, other: Candidate | undefined): Candidate | undefined {
  if (best === undefined || other === undefined) return best ?? other;
  if (best.spoiled === true || other.spoiled === true) return best.spoiled ? other : best;
  return other.end > best.end ? other : best;
}

/** The candidate, spoiled if a word goes on where it ends. */
export function closed(text: string, candidate: Candidate): Candidate {
  return isIn(codeAt(text, candidate.end), 'word')
    ? { ...candidate, end: candidate.end + 1, spoiled: true }
    : candidate;
}

const WEAK: ReadonlySet<string> = new Set(['mixed', 'image']);

function keyAt(text: string, start: number, floor: number, form: KeyForm): Candidate | undefined {
  const { prefix, alphabet, least, most, flag } = form;
  const from = start + prefix.length;
  const end = bodyEnd(text, from, alphabet, most);
  if (end - from < least) return undefined;
  const body = text.slice(from, end);
  // Base64 of a picture is full of `AAAA` and slashes.
  if (flag === 'image' && start > floor && /[+/]/.test(text.charAt(start - 1))) return undefined;
  const next = codeAt(text, end);
  // Without what may turn out to be a value inside, a body can be another.
  const spoiled =
    isIn(next, alphabet) || isIn(next, 'word') || (flag !== undefined && WEAK.has(flag) && !isMixed(body));
  return { start, end: spoiled ? end + 1 : end, confidence: confidenceOf(body, form), spoiled };
}

/** What a key is worth whose check value or alphabet is not the provider's: most likely it was made up. */
const MADE_UP = 0.5;

function confidenceOf(body: string, { confidence, flag }: KeyForm): number {
  if (flag === 'crc' && body.length === 36 && hasCrc(body)) return 0.99;
  const own =
    (flag === 'crc' && body.length === 36) || (flag === 'base32' && /[0189]/.test(body)) ? MADE_UP : confidence;
  return doubted(body, own);
}

function doubted(body: string, confidence: number): number {
  return isPlaceholderBody(body) ? Math.min(confidence, PLACEHOLDER) : confidence;
}
