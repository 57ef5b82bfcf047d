import { endOf } from './secret-forms.ts';

/** Characters of a key and its armour that are looked at; 16,384 bits of RSA take 12,000. */
export const LONGEST_PEM = 16_384;
const SHORTEST_BODY = 16;
const SHORTEST_OPEN_BODY = 40;

export const PEM_OPENER = '-----BEGIN ';
const HEADER = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
/** `Proc-Type: 4,ENCRYPTED`, `Version: …`; line ends may be escaped. */
const FIELDS = /(?:[ \t]{0,16}(?:\r?\n|(?:\\r)?\\n)[ \t]{0,16}[A-Z][A-Za-z-]{1,30}: [^\r\n\\]{0,120}){1,6}/y;
const BODY = new RegExp(`[A-Za-z0-9+/=\\s\\\\]{0,${LONGEST_PEM}}`, 'y');
const FOOTER = /-----END [A-Z0-9 ]{1,60}-----/y;
const LINE = new RegExp(
  `[ \\t]{0,16}([A-Za-z0-9+/=]{1,${LONGEST_PEM}})[ \\t]{0,16}((?:\\r?\\n|(?:\\\\r)?\\\\n)?)`,
  'y',
);
const LINE_END = /(?:[ \t]{0,16}(?:\r?\n|(?:\\r)?\\n)){0,3}/y;

/**
 * The end of the private key in PEM armour (RFC 7468, RFC 1421, RFC 4880 section 6.2) that begins at `at`, or -1: after the
 * END line, or after the last line of base64 if there is none. Public keys and certificates are none.
 */
export function pemEnd(text: string, at: number): number {
  const opened = endOf(HEADER, text, at);
  if (opened < 0) return -1;
  const fields = endOf(FIELDS, text, opened);
  const from = fields < 0 ? opened : fields;
  const bodyEnd = endOf(BODY, text, from);
  const end = endOf(FOOTER, text, bodyEnd);
  if (end < 0) return openEnd(text, from);
  const body = text.slice(from, bodyEnd).replaceAll(/\\[rnt]|\s/g, '');
  return body.length < SHORTEST_BODY ? -1 : end;
}

/** All lines of a block are as long as the first, but for the last. */
function openEnd(text: string, from: number): number {
  let at = endOf(LINE_END, text, from);
  let end = -1;
  let total = 0;
  let width = 0;
  while (total < LONGEST_PEM) {
    LINE.lastIndex = at;
    const line = LINE.exec(text);
    if (line === null) break;
    const [, body = '', lineEnd = ''] = line;
    if (width !== 0 && body.length > width) break;
    end = at + line[0].indexOf(body) + body.length;
    total += body.length;
    if (lineEnd === '' || (width !== 0 && body.length < width)) break;
    width = body.length;
    at += line[0].length;
  }
  return total < SHORTEST_OPEN_BODY ? -1 : end;
}
