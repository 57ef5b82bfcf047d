import { describeType, testWrongDigits } from '../corpus.ts';

describeType('in_aadhaar', { positive: 15 });

// The first is a test number of the UIDAI, the last an example of python-stdnum.
testWrongDigits('in_aadhaar', ['9999 4105 7058', '2345 6789 0124', '2341 2341 2346']);
