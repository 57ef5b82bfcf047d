import { describeType, testWrongDigits } from '../corpus.ts';

describeType('br_cnpj', { positive: 15 });

// The first is the example of Receita Federal and Serpro for letters, the last one of python-stdnum.
testWrongDigits('br_cnpj', ['12.ABC.345/01DE-35', '11.222.333/0001-81', '00.000.000/0001-91', '16.727.230/0001-97']);
