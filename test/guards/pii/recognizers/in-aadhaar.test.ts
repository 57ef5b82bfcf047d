import { describeType, testWrongDigits } from '../corpus.ts';

describeType('in_aadhaar', { positive: 15 });

// The first is a test number of the UIDAI; the second was reckoned in Python with another Verhoeff.
testWrongDigits('in_aadhaar', ['9999 4105 7058', '2345 6789 0124']);
