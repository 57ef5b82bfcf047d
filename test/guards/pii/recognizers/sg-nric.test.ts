import { describeType, testWrongDigits } from '../corpus.ts';

describeType('sg_nric', { positive: 15 });

// Made up; reckoned in Python from the published weights.
testWrongDigits('sg_nric', ['S1234567D', 'T1234567J', 'F1234567N', 'G1234567X', 'M1234567K']);
