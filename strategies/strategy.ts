import type { z } from 'zod';
import type { Bar } from '../domain/market/index.js';
import type { Side } from '../domain/order/index.js';
import type { PositionSide } from '../domain/position/index.js';
import type { Signal } from '../domain/signal/index.js';
import { assert, type Quantity } from '../domain/values/index.js';
import type { SessionView } from './session-view.js';

/** What a strategy sees when a bar is complete. */
export interface BarView {
  readonly bar: Bar;
  /** What the account holds of the bar's symbol for this strategy. */
  readonly position: { readonly side: PositionSide; readonly quantity: Quantity };
  /** This strategy's open orders of the symbol, perhaps-sent ones included. */
  readonly openOrders: readonly {
    readonly leg: string;
    readonly side: Side;
    readonly remaining: Quantity;
  }[];
  /**
   * The position of the symbol is on its way through zero by an earlier signal of this strategy, or
   * back under its protection: nothing that is said about it meanwhile can be meant for what will
   * be.
   */
  readonly isTurning: boolean;
  readonly session: SessionView;
}

export interface Opinion<State> {
  readonly state: State;
  readonly signals: readonly Signal[];
}

/**
 * A strategy as its author writes it: pure, one state per symbol, plain JSON. The state must follow
 * from the bars: a restart rebuilds it by replaying the day's bars, and what the strategy said then
 * is not said again.
 */
export interface StrategyDefinition<Parameters extends Readonly<Record<string, unknown>>, State> {
  /**
   * Lower-case letters, digits and dashes. The first sixteen letters and digits tell strategies
   * apart in order ids.
   */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** Every parameter with its default; the schema is strict, so that a misspelt one is refused. */
  readonly parameters: z.ZodType<Parameters>;
  /** How many bars it must have seen before it can have an opinion. */
  readonly warmUpBars: (parameters: Parameters) => number;
  readonly initialState: (parameters: Parameters) => State;
  readonly onBar: (
    view: BarView & { readonly state: State; readonly parameters: Parameters },
  ) => Opinion<State>;
}

/** The state of a configured strategy: plain JSON that only this strategy can read. */
export type StrategyState = unknown;

/** A strategy with its parameters: what the session and the backtester run. */
export interface ConfiguredStrategy {
  readonly name: string;
  /** With every default filled in: kept with the session. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly warmUpBars: number;
  readonly initialState: StrategyState;
  /** `state` must come from `initialState` or an earlier call. */
  readonly onBar: (view: BarView & { readonly state: StrategyState }) => Opinion<StrategyState>;
}

export type ConfigureResult =
  | { readonly ok: true; readonly strategy: ConfiguredStrategy }
  /** Every fault at once, one line each. */
  | { readonly ok: false; readonly faults: readonly string[] };

/** A strategy in the registry, its parameters still to be chosen. */
export interface Strategy {
  readonly name: string;
  readonly description: string;
  /** The defaults, as a person would write them. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Checks parameters from outside; what is not given takes its default. */
  readonly configure: (parameters: Readonly<Record<string, unknown>>) => ConfigureResult;
}

const NAME = /^[a-z][a-z0-9-]{1,31}$/;

/** Turns an author's definition into a strategy that the registry can hold beside others. */
export function defineStrategy<Parameters extends Readonly<Record<string, unknown>>, State>(
  definition: StrategyDefinition<Parameters, State>,
): Strategy {
  assert(NAME.test(definition.name), `expected a lower-case name, found "${definition.name}"`);
  return {
    name: definition.name,
    description: definition.description,
    defaults: { ...definition.parameters.parse({}) },
    configure: (input) => {
      const parsed = definition.parameters.safeParse(input);
      if (!parsed.success) {
        return { ok: false, faults: parsed.error.issues.map((issue) => describeIssue(issue)) };
      }
      return { ok: true, strategy: configured(definition, parsed.data) };
    },
  };
}

function configured<Parameters extends Readonly<Record<string, unknown>>, State>(
  definition: StrategyDefinition<Parameters, State>,
  parameters: Parameters,
): ConfiguredStrategy {
  return {
    name: definition.name,
    parameters: { ...parameters },
    warmUpBars: definition.warmUpBars(parameters),
    initialState: definition.initialState(parameters),
    onBar: ({ state, ...view }) =>
      // The only cast: a state is what this very definition returned before.
      definition.onBar({ ...view, state: state as State, parameters }),
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'parameters' : `parameter ${issue.path.join('.')}`;
  return `${where}: ${issue.message}`;
}
