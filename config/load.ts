import {
  type EnvironmentVariable,
  type EnvironmentVariables,
  environmentSchema,
} from './schema.js';

/** What the environment says, and everything that is wrong with it. */
export interface Environment {
  /** A faulty variable has its default here: only who trades must refuse it. */
  readonly variables: EnvironmentVariables;
  /** One line each; empty when all is well. */
  readonly faults: readonly string[];
}

const KNOWN = Object.keys(environmentSchema.shape);
const OURS = 'ORDINIS_';

/**
 * Reads the environment. The only place that does, apart from setup and tests. Unknown variables
 * that begin with ORDINIS_ are faults, since they are most likely misspelt.
 */
export function loadEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return { variables: parsed.data, faults: unknownNames(given) };
  const faulty = parsed.error.issues.map((issue) => String(issue.path[0]));
  const faults = parsed.error.issues.map(
    (issue) => `${String(issue.path[0])}: ${issue.message}; correct it or unset it`,
  );
  const sound = Object.entries(given).filter(([name]) => !faulty.includes(name));
  return {
    variables: environmentSchema.parse(Object.fromEntries(sound)),
    faults: [...faults, ...unknownNames(given)],
  };
}

function unknownNames(given: Readonly<Record<string, unknown>>): readonly string[] {
  const ours: readonly EnvironmentVariable[] = KNOWN.filter(isOurs);
  return Object.keys(given)
    .filter((name) => name.startsWith(OURS) && !KNOWN.includes(name))
    .map((name) => `${name}: expected one of ${ours.join(', ')}; correct the name or unset it`);
}

function isOurs(name: string): name is EnvironmentVariable {
  return name.startsWith(OURS);
}
