import { type Mutant, mutantsOf } from '../mutant.js';

/** Defects of reading what Alpaca writes. */
export const WIRE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf(
    {
      file: 'adapters/market-data/alpaca/bar-reader.ts',
      killers: ['test/adapters/alpaca-market-data.test.ts'],
    },
    [
      {
        id: 'busy-minute-unreadable',
        defect: 'a minute of more shares than an order may have keeps all bars from being read',
        breaks: ['I14'],
        find: 'return isBeyond ? quantity(Number.MAX_SAFE_INTEGER) : quantityOf(record, member);',
        replace: 'return quantityOf(record, member);',
      },
    ],
  ),
];
