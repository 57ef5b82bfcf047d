import { describeType, testWrongDigits } from '../corpus.ts';

describeType('sg_nric', { positive: 15 });

// Made up; the second five are of the tests of LifeSG/web-frontend-engine, of Singapore's government.
testWrongDigits('sg_nric', [
  ...['S1234567D', 'T1234567J', 'F1234567N', 'G1234567X', 'M1234567K'],
  ...['S1111111D', 'T8017681Z', 'F4769209K', 'G5825195Q'],
]);
