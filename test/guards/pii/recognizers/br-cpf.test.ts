import { describeType, testWrongDigits } from '../corpus.ts';

describeType('br_cpf', { positive: 15 });

// Examples in wide use; made up.
testWrongDigits('br_cpf', ['111.444.777-35', '529.982.247-25']);
