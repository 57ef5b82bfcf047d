import { creditCard } from './credit-card.ts';
import { email } from './email.ts';
import { ipAddress } from './ip-address.ts';
import { phone } from './phone.ts';
import type { Recognizer } from './recognizer.ts';
import { ssn } from './ssn.ts';

/** Every recognizer, the most specific first: of two values equally long and in one place, the earlier one counts. */
export const RECOGNIZERS: readonly Recognizer[] = Object.freeze([creditCard, ssn, ipAddress, email, phone]);
