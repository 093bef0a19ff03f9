import { describe, expect, it } from 'vitest';
import { readOptions as ofOpenOrders } from '../../../bench/open-orders/options.js';
import { readOptions as ofOrders } from '../../../bench/orders/options.js';
import { readOptions as ofAcceptance } from '../../acceptance/options.js';
import { readOptions as ofChaos } from '../../chaos/options.js';
import { readOptions as ofMutants } from '../../mutants/options.js';
import { readOptions as ofSimulator } from '../../simulator/command/options.js';

const COMMANDS = [
  { name: 'bench orders', readOptions: ofOrders, words: ['--orders', '-1'] },
  { name: 'bench open-orders', readOptions: ofOpenOrders, words: ['--orders', '-1'] },
  { name: 'accept', readOptions: ofAcceptance, words: ['--symbol', '-1'] },
  {
    name: 'chaos',
    readOptions: (words: readonly string[]) => ofChaos(words, 1),
    words: ['--minutes', '-1'],
  },
  {
    name: 'mutants',
    readOptions: (words: readonly string[]) => ofMutants(words, []),
    words: ['--only', '-1'],
  },
  { name: 'simulate', readOptions: ofSimulator, words: ['--seeds', '-1'] },
];

describe('wrong options of the long commands', () => {
  it.each(COMMANDS)('$name: an ambiguous value → one line', ({ readOptions, words }) => {
    expect(() => readOptions(words)).toThrow(/^[^\n]*ambiguous[^\n]*; see --help$/);
  });

  it.each(['x', '0', '1.5', '10001'])('bench open-orders: %s orders → refused', (orders) => {
    expect(() => ofOpenOrders(['--orders', orders])).toThrow('expected --orders from 1 to 10000');
  });
});
