import { describeType, testWrongDigits } from '../corpus.ts';

describeType('au_abn', { positive: 15 });

// Examples of the Australian Business Register and of ASIC.
testWrongDigits('au_abn', ['51 824 753 556', '83 914 571 673', '53 004 085 616']);
