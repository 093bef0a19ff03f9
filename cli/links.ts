import type { RunRecord } from '../workers/run-record.js';
import { killSwitchWorkflowId } from '../workflows/contract/ids.js';
import type { SearchAttributeName } from '../workflows/contract/search-attributes.js';

/** Pages of the Temporal Web UI that answer a trader's three questions. */
export interface Links {
  readonly ui: string;
  readonly orders: string;
  readonly needAttention: string;
  readonly killSwitch: string;
}

type RunPlace = Pick<RunRecord, 'account' | 'namespace' | 'uiUrl'>;

/** Null when the run's server has no Web UI that we know of. */
export function linksOf(run: RunPlace): Links | null {
  if (run.uiUrl === null) return null;
  const ui = run.uiUrl.replace(/\/+$/, '');
  const workflows = `${ui}/namespaces/${encodeURIComponent(run.namespace)}/workflows`;
  const list = (query: string): string => `${workflows}?query=${encodeURIComponent(query)}`;
  const account: SearchAttributeName = 'OrdAccount';
  const attention: SearchAttributeName = 'OrdNeedsAttention';
  return {
    ui,
    orders: list(`${account}="${run.account}" and WorkflowType="order"`),
    needAttention: list(`${attention}=true`),
    killSwitch: `${workflows}/${encodeURIComponent(killSwitchWorkflowId(run.account))}`,
  };
}

export function linkPairs(links: Links): readonly (readonly [name: string, url: string])[] {
  return [
    ['orders', links.orders],
    ['need attention', links.needAttention],
    ['kill switch', links.killSwitch],
  ];
}

/**
 * The command that halts this very run through Temporal, ready to be pasted into a shell at the
 * root of the clone. The folder is named only where it is not the usual one.
 */
export function temporalHaltCommand(
  run: RunPlace,
  folder: { readonly dataDirectory: string; readonly usualDirectory: string },
): string {
  const input = { reason: 'manual', message: 'halted by hand', triggeredBy: 'you' };
  return [
    'npm run temporal --',
    ...dataFolderFlag(folder),
    'workflow signal',
    `--workflow-id ${shellWord(killSwitchWorkflowId(run.account))}`,
    '--name halt',
    `--input ${shellWord(JSON.stringify(input))}`,
  ].join(' ');
}

/** The same through `ordinis`, which needs no Temporal. */
export function directHaltCommand(folder: {
  readonly dataDirectory: string;
  readonly usualDirectory: string;
}): string {
  return ['npx ordinis halt', ...dataFolderFlag(folder)].join(' ');
}

function dataFolderFlag(folder: {
  readonly dataDirectory: string;
  readonly usualDirectory: string;
}): readonly string[] {
  if (folder.dataDirectory === folder.usualDirectory) return [];
  return [`--data-dir ${shellWord(folder.dataDirectory)}`];
}

/** A word that any POSIX shell reads as it stands. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
