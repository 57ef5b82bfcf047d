/** Texts that the speed of scanners is measured on. */

const SENTENCES: readonly string[] = [
  'The harbour was quiet that morning, and the gulls had gone inland with the wind.',
  'Nobody on the quay could say when the ferry would leave, so they bought more tea.',
  'A good index is one that a reader never notices, because the page is simply there.',
  'When the committee met again, most of the questions had answered themselves.',
  'She kept the letters in a tin box, sorted by the weather on the day they came.',
  'There is a kind of patience that only gardeners and archivists seem to have.',
  'The new bridge is wider than the old one, but people still slow down in the middle.',
  'If the kettle is on, the meeting has begun; if the cups are out, it is nearly over.',
];

/** English prose without a digit or a value, of about `length` characters. */
export function cleanText(length: number): string {
  let text = '';
  for (let at = 0; text.length < length; at++)
    text += `${SENTENCES[(at * 5) % SENTENCES.length]}${at % 6 === 5 ? '\n' : ' '}`;
  return flat(text.slice(0, length));
}

/** One value of each of the seven types. */
export const VALUES: readonly string[] = [
  'jane.roe@portcullis.dev',
  '+44 20 7946 0958',
  '123-45-6789',
  '4012 8888 8888 1881',
  '10.20.30.40',
  'GB33BUKB20201555555555',
  `glpat-${'aB3dE6gH9jK2mN5pQ8sT'}`,
];

/** Prose with a value every 500 characters. */
export function denseText(length: number): string {
  const prose = cleanText(length);
  let text = '';
  for (let at = 0; text.length < length; at++) {
    const value = VALUES[at % VALUES.length]!;
    text += `${prose.slice(at * 480, at * 480 + 498 - value.length)} ${value} `;
  }
  return flat(text.slice(0, length));
}

/** What makes a careless scanner look again and again; each is repeated to the length asked for. */
export const HOSTILE: Readonly<Record<string, string>> = {
  '@': '@',
  '1-': '1-',
  'a.': 'a.',
  digits: '7302519846',
  '(': '(',
  '+': '+',
  'near e-mail': 'jane.roe@portcullis ',
  'near phone': '+44 20 7946 ',
  'near SSN': '123-45-678 ',
  'near card': '4012 8888 8888 1882 ',
  'near IP address': '10.20.30.256 ',
  'near IPv6 address': '2001:db8:1:2:3:4: ',
  'near IBAN': 'GB33BUKB20201555555556 ',
  'near secret': 'glpat-aB3dE6gH9 ',
};

/** `unit` again and again, `length` characters. */
export function repeated(unit: string, length: number): string {
  return flat(unit.repeat(Math.ceil(length / unit.length)).slice(0, length));
}

/** As a decoder makes texts of bytes: in one piece. What is put together of parts is slower to look at. */
export function flat(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
