import { describeType, testWrongDigits } from '../corpus.ts';

describeType('ca_sin', { positive: 15 });

// The first is the example of the Canada Revenue Agency.
testWrongDigits('ca_sin', ['046-454-286', '130-692-544']);
