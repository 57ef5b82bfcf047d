import { describeType, testWrongDigits } from '../corpus.ts';

describeType('fi_hetu', { positive: 15 });

// Fictitious persons of the Digital and Population Data Services Agency.
testWrongDigits('fi_hetu', ['131052-308T', '020504A902E', '010594Y9032', '010516B903X']);
