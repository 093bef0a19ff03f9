/** Why trading stops. Stable codes. */
export const HALT_REASONS = [
  'manual',
  'file',
  'unspecified',
  'daily_loss',
  'drawdown',
  'consecutive_losses',
  'connectivity',
  'reconciliation',
  'rejections',
  'runaway',
  'account_blocked',
] as const;

export type HaltReason = (typeof HALT_REASONS)[number];

/** What happens to working orders: by default the ones that only reduce a position stay. */
export const CANCEL_POLICIES = ['keep-protection', 'cancel-all', 'none'] as const;

export type CancelPolicy = (typeof CANCEL_POLICIES)[number];

export interface HaltRequest {
  readonly reason: HaltReason;
  readonly message: string;
  readonly triggeredBy: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly cancel: CancelPolicy;
}

const TEXT_LENGTH_MAX = 500;
const KNOWN_FIELDS: readonly string[] = ['reason', 'message', 'triggeredBy', 'metadata', 'cancel'];

/**
 * Reads whatever a person or a program sent as the input of a halt. There is no wrong input:
 * nothing, broken input and unknown fields halt as well, with reason `unspecified`, and what was
 * found is kept as metadata.
 */
export function readHaltRequest(input: unknown): HaltRequest {
  const fields = isRecord(input) ? input : {};
  const reason = memberOr(HALT_REASONS, fields['reason'], 'unspecified');
  return {
    reason,
    message: textOr(fields['message'], reason === 'manual' ? 'halted by hand' : 'no message given'),
    triggeredBy: textOr(fields['triggeredBy'], 'unknown'),
    metadata: {
      ...(isRecord(fields['metadata']) ? fields['metadata'] : {}),
      ...(isUnderstood(input) ? {} : { received: describe(input) }),
    },
    cancel: memberOr(CANCEL_POLICIES, fields['cancel'], 'keep-protection'),
  };
}

/** Whether nothing of the input is lost by reading it. */
function isUnderstood(input: unknown): boolean {
  if (!isRecord(input)) return false;
  const { reason, cancel, message, triggeredBy, metadata } = input;
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  return (
    Object.keys(input).every((key) => KNOWN_FIELDS.includes(key)) &&
    (reason === undefined || HALT_REASONS.some((member) => member === reason)) &&
    (cancel === undefined || CANCEL_POLICIES.some((member) => member === cancel)) &&
    isText(message) &&
    isText(triggeredBy) &&
    (metadata === undefined || isRecord(metadata))
  );
}

/** Losses stop new risk and let exits go on; everything else stops every send. */
export function haltModeOf(reason: HaltReason): 'reduce_only' | 'halted' {
  const isLoss =
    reason === 'daily_loss' || reason === 'drawdown' || reason === 'consecutive_losses';
  return isLoss ? 'reduce_only' : 'halted';
}

/**
 * How far the cancel of a cause is, for people. A cause that lets exits go on cancels nothing, so
 * there is nothing to wait for.
 */
export type CancelStanding = 'complete' | 'not verified yet' | 'none';

export function cancelStandingOf(cause: {
  readonly mode: 'reduce_only' | 'halted';
  readonly completedAtWallMs: number | null;
}): CancelStanding {
  if (cause.mode !== 'halted') return 'none';
  return cause.completedAtWallMs === null ? 'not verified yet' : 'complete';
}

/** The strictest of the open causes. */
export function strictestMode(
  causes: readonly { readonly mode: 'reduce_only' | 'halted' }[],
): 'none' | 'reduce_only' | 'halted' {
  if (causes.length === 0) return 'none';
  return causes.some((cause) => cause.mode === 'halted') ? 'halted' : 'reduce_only';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOr<Member extends string>(
  members: readonly Member[],
  value: unknown,
  otherwise: Member,
): Member {
  return members.find((member) => member === value) ?? otherwise;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value.length > 0
    ? value.slice(0, TEXT_LENGTH_MAX)
    : otherwise;
}

function describe(value: unknown): string {
  return textOf(value).slice(0, TEXT_LENGTH_MAX);
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'input that cannot be shown'; // A cycle, for one: whatever it is, it must still halt.
  }
}
