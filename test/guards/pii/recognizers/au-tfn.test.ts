import { describeType, testWrongDigits } from '../corpus.ts';

describeType('au_tfn', { positive: 15 });

// Of python-stdnum, and of the sample numbers of eight digits that many test suites share.
testWrongDigits('au_tfn', ['123 456 782', '876 543 210', '112474082', '37118629', '38593474', '85655734']);
