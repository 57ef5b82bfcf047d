import { lazy } from '../../../lazy.ts';
import { codeAt } from '../chars.ts';

/** Fewest and most digits of a subscriber's number under each calling code (ITU-T E.164 annex D and national plans). */
const PLANS: string =
  '1:10 7:10 20:8-10 27:9 30:10 31:9 32:8-9 33:9 34:9 36:8-9 39:6-11 40:9 41:9 43:7-13 44:9-10 45:8 46:7-10 47:8 ' +
  '48:9 49:6-12 51:8-9 52:10-11 53:6-8 54:10-11 55:10-11 56:9 57:8-10 58:10 60:8-10 61:9-10 62:8-12 63:8-10 64:8-10 ' +
  '65:8 66:8-9 81:9-10 82:8-11 84:9-10 86:10-11 90:10 91:10 92:9-10 93:9 94:9 95:7-10 98:10 ' +
  '351:9 352:5-11 353:7-9 354:7-9 358:6-11 359:7-9 370:8 371:8 372:7-8 380:9 385:8-9 420:9 421:9 852:8 853:8 886:8-9 ' +
  '961:7-8 962:8-9 965:8 966:8-9 968:8 971:8-9 972:8-9 973:8 974:8 977:8-10 ' +
  // Islands of a few thousand subscribers.
  '247:5-6 290:5 500:5 676:5-7 677:5-7 678:5-7 682:5 685:5-7 686:5-8 688:5-7 690:5-7 ' +
  '211-213,216,218,220-246,248-258,260-269,291,297-299,350,355-357,373-379,381-383,386,387,389,423,501-509,590-599,' +
  '670,672-675,679-681,683,687,689,691,692,800,808,850,855,856,870,878,880-883,888,960,963,964,967,970,975,976,979,' +
  '992-996,998:6-12';

/** By calling code: fewest digits times 16, plus most digits; 0 where there is no such code. */
const LENGTHS = lazy(() => {
  const table = new Uint8Array(1_000);
  for (const entry of PLANS.split(' ')) {
    const [codes = '', span = ''] = entry.split(':');
    const [least, most = least] = span.split('-').map(Number);
    for (const range of codes.split(',')) {
      const [first, last = first] = range.split('-').map(Number);
      table.fill(least! * 16 + most!, first!, last! + 1);
    }
  }
  return table;
});

/** The calling code that begins at `at`, or 0. No code is the beginning of another, and none begins with zero. */
export function callingCode(text: string, at: number): number {
  const lengths = LENGTHS();
  let code = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = codeAt(text, i) - 0x30;
    if (digit < 0 || digit > 9 || (i === at && digit === 0)) return 0;
    code = code * 10 + digit;
    if (lengths[code] !== 0) return code;
  }
  return 0;
}

/** Whether a national number of so many digits may stand under a calling code. */
export function isNationalLength(code: number, digits: number): boolean {
  const span = LENGTHS()[code]!;
  return digits >= span >> 4 && digits <= (span & 15);
}
