import { describe, expect, it } from 'vitest';
import { strategyNamed, strategyNames } from '../../../strategies/registry.js';

describe('registry', () => {
  it('names → found again, distinct within the sixteen characters of an order id', () => {
    const names = strategyNames();
    expect(names).toEqual(['moving-average-cross', 'demonstration']);
    expect(names.map((name) => strategyNamed(name)?.name)).toEqual(names);
    const inOrderIds = names.map((name) => name.replace(/[^A-Za-z0-9]/g, '').slice(0, 16));
    expect(new Set(inOrderIds).size).toBe(names.length);
  });

  it('an unknown name → null', () => {
    expect(strategyNamed('crystal-ball')).toBeNull();
  });

  it.each(strategyNames())('%s: defaults → configure accepts exactly them', (name) => {
    const strategy = strategyNamed(name);
    const configured = strategy?.configure({});
    expect(configured).toMatchObject({ ok: true, strategy: { parameters: strategy?.defaults } });
    expect(strategy?.configure(strategy.defaults)).toMatchObject({ ok: true });
  });
});
