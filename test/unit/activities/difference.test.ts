import { expect, it } from 'vitest';
import { differenceOf } from '../../../activities/order/difference.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, requestOfTest } from './order-of-test.js';

const EXIT = { orderClass: 'bracket', purpose: 'exit' } as const;

it.each([
  ['an exit of a group, as wished', EXIT, 100, false],
  ['an exit of a group that another one has made smaller', EXIT, 60, false],
  ['an exit of a group, larger than wished', EXIT, 101, true],
  [
    'the entry of a group, smaller than wished',
    { orderClass: 'bracket', purpose: 'entry' },
    60,
    true,
  ],
  ['a plain exit, smaller than wished', { orderClass: 'simple', purpose: 'exit' }, 60, true],
] as const)('%s (%o, %i units) → another order: %o', async (_what, wish, units, isOther) => {
  const { broker } = await openTestWorld();
  broker.place(requestOfTest());
  const intent = { ...inputOf().intent, ...wish };
  const shown = { ...broker.snapshot(ORDER_ID), orderClass: wish.orderClass };
  const difference = differenceOf(intent, { ...shown, quantity: wholeUnits(units) });
  expect(difference !== null).toBe(isOther);
});
