import { describeType, testWrongDigits } from '../corpus.ts';

describeType('au_tfn', { positive: 15 });

// Published examples of nine and of eight digits.
testWrongDigits('au_tfn', ['123 456 782', '876 543 210', '37118629', '85655734']);
