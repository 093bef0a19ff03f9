import { type Mutant, mutantsOf } from '../mutant.js';

const STALL = 'test/unit/activities/stall.test.ts';
const PLACE_ORDER = 'test/unit/activities/place-order.test.ts';
const CANCEL_ORDER = 'test/unit/activities/cancel-order.test.ts';
const CANCEL_DIRECTLY = 'test/unit/workers/cancel-directly.test.ts';
const ANSWERS = 'test/unit/activities/answers.test.ts';
const FAILURE = 'test/unit/activities/failure.test.ts';
const LIFECYCLE = 'test/unit/activities/lifecycle.test.ts';

/** Defects on the way from the intent to the broker's answer. */
export const SENDING_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/failure.ts', killers: [FAILURE] }, [
    {
      id: 'passing-refusal-ends-workflows',
      defect: 'one 401 that passes ends the stream and the kill switch for good',
      breaks: ['I7', 'I14'],
      find: '  BrokerAuth: { retryable: true },',
      replace: '  BrokerAuth: { retryable: false },',
    },
  ]),
  ...mutantsOf({ file: 'adapters/store/memory/reader.ts', killers: [LIFECYCLE] }, [
    {
      id: 'lost-start-forgotten',
      defect: 'an order whose start came to nothing is never asked for again',
      breaks: ['I14'],
      find: "return kind === 'start_order' && isDelivered &&",
      replace: "return kind === 'start_order' && !isDelivered &&",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/place-order.ts', killers: [ANSWERS, PLACE_ORDER] }, [
    {
      id: 'no-lookup-before-resend',
      defect: 'an order in flight is sent again without a look at the broker',
      breaks: ['I1', 'F01', 'F02'],
      find: '? resolveOrder(world, intent.clientOrderId)\n',
      replace: '? sendOrder(world, input)\n',
    },
    {
      id: 'known-order-sent-again',
      defect: 'what the books hold about the order is not looked at',
      breaks: ['I1', 'F08'],
      find: "if (known !== null && known.order.progress.state !== 'created') {",
      replace: "if (known !== null && known.order.progress.state === 'unknown') {",
    },
    {
      id: 'duplicate-not-looked-up',
      defect: 'the answer that the id exists is not followed by a lookup',
      breaks: ['I1', 'F07'],
      find: 'if (isDuplicate(outcome)) return resolveOrder(world, clientOrderId);',
      replace: 'if (isDuplicate(outcome)) return view;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/send-risk-raising.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'last-look-after-the-await',
      defect: 'the last look is taken when the request is out already',
      breaks: ['I7', 'F58'],
      find: `  const objection = lastLook(world, sendDeadlineAtMs);
  if (objection !== null) return { kind: 'not_sent', reason: objection, retryAfterMs: null };
  try {
    const outcome = await ask(world, request);
`,
      replace: `  try {
    const outcome = await ask(world, request);
    const objection = lastLook(world, sendDeadlineAtMs);
    if (objection !== null) return { kind: 'not_sent', reason: objection, retryAfterMs: null };
`,
    },
    {
      id: 'last-look-removed',
      defect: 'nothing is asked between the admission and the wire',
      breaks: ['I7', 'I13', 'F55', 'F58'],
      find: 'if (objection !== null) return',
      replace: 'if (objection === "never") return',
    },
    {
      id: 'new-id-on-retry',
      defect: 'each attempt is sent under an id of its own',
      breaks: ['I1', 'F05'],
      find: 'clientOrderId: intent.clientOrderId,\n    symbol',
      replace: 'clientOrderId: `${intent.clientOrderId}-${Math.random()}`,\n    symbol',
    },
    {
      id: 'order-without-its-limit',
      defect: 'the limit price does not reach the wire',
      breaks: ['I9', 'F66'],
      find: 'type: intent.type,\n    limitPrice: intent.limitPrice,',
      replace: 'type: intent.type,\n    limitPrice: null,',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/gate.ts', killers: [STALL] }, [
    {
      id: 'stall-not-asked-at-the-last-look',
      defect: 'what was decided before the process stood still is sent when it goes on',
      breaks: ['I7', 'I13', 'F55'],
      find: 'if (stalled !== null) return stalled;',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/gate.ts', killers: [PLACE_ORDER] }, [
    {
      id: 'kill-file-not-read',
      defect: 'the kill file is not looked at before a send',
      breaks: ['I7', 'I8', 'F59'],
      find: 'if (world.killFile.isEngaged()) return',
      replace: 'if (world.killFile.path === "") return',
    },
    {
      id: 'halt-latch-not-read',
      defect: 'the halt of this process is not looked at before a send',
      breaks: ['I7', 'F58'],
      find: 'if (world.haltLatch.isEngaged()) return',
      replace: 'if (sendDeadlineAtMs < 0) return',
    },
    {
      id: 'lease-not-asked-at-the-wire',
      defect: 'a process that was paused and lost the lock sends',
      breaks: ['I13', 'F55'],
      find: "if (!world.isLeaseHeld()) return 'the writer lock is lost';",
      replace: '',
    },
    {
      id: 'lease-not-asked-at-the-gate',
      defect: 'an order is admitted without the lock',
      breaks: ['I13', 'F53'],
      find: 'if (!world.isLeaseHeld()) return hold(',
      replace: 'if (world.account === "") return hold(',
    },
    {
      id: 'send-deadline-not-asked',
      defect: 'an attempt that waited too long is sent',
      breaks: ['I1', 'I7'],
      find: 'if (world.wallClock.nowMs() > sendDeadlineAtMs)',
      replace: 'if (world.wallClock.nowMs() < 0 * sendDeadlineAtMs)',
    },
    {
      id: 'send-deadline-a-millisecond-early',
      defect: 'the last millisecond of a send is refused',
      breaks: ['I14'],
      find: 'world.wallClock.nowMs() > sendDeadlineAtMs',
      replace: 'world.wallClock.nowMs() >= sendDeadlineAtMs',
    },
    {
      id: 'stream-of-another-start-trusted',
      defect: 'a stream that was live before the restart opens the gate',
      breaks: ['I2', 'I8', 'F20'],
      find: 'stream.bootEpoch !== world.bootEpoch || ',
      replace: '',
    },
    {
      id: 'gate-open-while-catching-up',
      defect: 'orders go out before the repair has completed',
      breaks: ['I2', 'I8', 'F17'],
      find: "stream.status !== 'live') {",
      replace: "stream.status === 'down') {",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/admit-order.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'own-order-counted',
      defect: 'an order that is admitted again counts itself among the open ones',
      breaks: ['I9'],
      find: 'counts: ({ order }) => order.intent.clientOrderId !== intent.clientOrderId,',
      replace: 'counts: ({ order }) => order.intent.clientOrderId !== `${intent.clientOrderId}?`,',
    },
    {
      id: 'unknown-denied',
      defect: 'an order that may be at the broker is closed by our own rules',
      breaks: ['I1', 'I6'],
      find: "if (assessment.decision === 'denied' && state === 'unknown') {",
      replace: "if (assessment.decision === 'denied' && state === 'submitting') {",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/cancel-wish.ts', killers: [CANCEL_ORDER] }, [
    {
      id: 'canceled-order-sent-after-all',
      defect: 'an order whose cancel was asked for before anybody could find it is sent again',
      breaks: ['I1', 'I9', 'F34'],
      find: "return history.some(({ kind }) => kind === 'cancel_requested');",
      replace: "return history.some(({ kind }) => kind === 'cancel_answered');",
    },
    {
      id: 'lost-cancel-taken-for-answered',
      defect: 'a cancel that was lost is never put to the broker again',
      breaks: ['I14', 'F34'],
      find: "outcomeIn(detail).kind !== 'unknown';",
      replace: "outcomeIn(detail).kind !== 'requested';",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/cancel-wish.ts', killers: [CANCEL_ORDER] }, [
    {
      id: 'lost-cancel-waits-for-a-poll',
      defect: 'the driver of an order whose cancel was lost sleeps on for minutes',
      breaks: ['I14', 'F34'],
      find: "if (outcome.kind === 'unknown') await wakeDriver",
      replace: "if (outcome.kind === 'not_found') await wakeDriver",
    },
  ]),
  ...mutantsOf({ file: 'workers/cancel-directly.ts', killers: [CANCEL_DIRECTLY] }, [
    {
      id: 'direct-cancel-of-nobody',
      defect: 'the books do not know who asked for a cancel where no workflow answered',
      breaks: ['I1', 'I10'],
      find: '{ row: now, request })',
      replace: "{ row: now, request: { ...request, requestedBy: '' } })",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/note-turned-down.ts', killers: [CANCEL_ORDER] }, [
    {
      id: 'turned-down-unless-it-pended',
      defect: 'that a cancel was turned down is kept only where the order was seen to pend',
      breaks: ['I6', 'I14'],
      find: 'if (!isWorking(state)) return;',
      replace: 'if (!hasMoved || !isWorking(state)) return;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/quoted-price.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'stale-quote-taken',
      defect: 'a quote of any age judges an order',
      breaks: ['I8', 'F64'],
      find: 'if (ageMs > world.settings.quoteAgeMsMax) return null;',
      replace: 'if (ageMs < 0) return null;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/with-permit.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'admitted-without-a-permit',
      defect: 'an order is written down for which no request is free',
      breaks: ['I14', 'F26'],
      find: 'if (!permit.granted) {',
      replace: 'if (!permit.granted && permit.retryAfterMs < 0) {',
    },
    {
      id: 'held-orders-spend-the-budget',
      defect: 'each try of an order that is held takes a request from the repair it waits for',
      breaks: ['I14', 'F26'],
      find: 'if (hold !== null && !isTooOld(world, intent)) throw',
      replace: 'if (hold !== null && world.closing.aborted) throw',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/risk-inputs.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'own-reservation-counted',
      defect: 'an order that is admitted again competes with itself',
      breaks: ['I9', 'I14'],
      find: 'subtractUsd(totals.reserved, own?.amount ?? ZERO_USD)',
      replace: 'subtractUsd(totals.reserved, own === null ? ZERO_USD : ZERO_USD)',
    },
    {
      id: 'unknown-left-out-of-exposure',
      defect: 'orders that nobody can prove count for nothing',
      breaks: ['I9', 'F03'],
      find: '[...IN_FLIGHT_STATES, ...WORKING_STATES], symbol)',
      replace: '[...IN_FLIGHT_STATES.slice(0, 0), ...WORKING_STATES], symbol)',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/settle-admission.ts', killers: [PLACE_ORDER, ANSWERS] }, [
    {
      id: 'reserved-twice',
      defect: 'a second attempt reserves beside the first',
      breaks: ['I9'],
      find: 'const freed = subtractUsd(reserved, before?.amount ?? ZERO_USD);',
      replace: 'const freed = before === null ? reserved : addUsd(reserved, ZERO_USD);',
    },
    {
      id: 'admitted-without-reservation',
      defect: 'an admitted order takes no buying power',
      breaks: ['I9'],
      find: 'await reserve(transaction, row, assessment.reservation);',
      replace: 'await reserve(transaction, row, null);',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/record-answer.ts', killers: [ANSWERS] }, [
    {
      id: 'duplicate-taken-as-refusal',
      defect: 'an id that exists at the broker closes the order as refused',
      breaks: ['I1', 'I6', 'F07'],
      find: 'if (outcome.duplicate)\n',
      replace: 'if (outcome.duplicate && message === "")\n',
    },
    {
      id: 'found-not-compared',
      defect: 'an order that is not what we wished is adopted',
      breaks: ['I1', 'F07'],
      find: 'if (difference === null) return applied.view;',
      replace: 'if (difference !== "") return applied.view;',
    },
    {
      id: 'answer-undoes-the-stream',
      defect: 'a lost send is taken back although the stream has shown the order',
      breaks: ['I2', 'I6', 'F15'],
      find: "return order.progress.state !== 'submitting';",
      replace: "return order.progress.state === 'created';",
    },
    {
      id: 'lost-answer-never-left',
      defect: 'an answer that was lost is taken for a request that never left',
      breaks: ['I1', 'F03'],
      find: `    case 'unknown':
      return recordUnknown(transaction, world, { row, ...outcome });
    case 'not_sent': {`,
      replace: `    case 'unknown':
    case 'not_sent': {`,
    },
  ]),
  ...mutantsOf(
    {
      file: 'adapters/broker/alpaca/submit.ts',
      killers: ['test/adapters/alpaca-submit.test.ts'],
    },
    [
      {
        id: 'server-error-as-refusal',
        defect: 'a 5xx on a POST closes the order as refused',
        breaks: ['I1', 'I6', 'F27'],
        find: 'if (body === null || !REFUSING_STATUSES.has(status)) {',
        replace: 'if (body === null) {',
      },
      {
        id: 'html-as-refusal',
        defect: 'a 4xx that the broker did not write closes the order as refused',
        breaks: ['I1', 'I6', 'F27'],
        find: `  if (body === null || !REFUSING_STATUSES.has(status)) {
    return { kind: 'unknown', reason: describeStatus(answer), raw: text };
  }
  const code = refusalCodeOf(body);
  return {
    kind: 'refused',
    code,
    message: body.message,`,
        replace: `  if (!REFUSING_STATUSES.has(status)) {
    return { kind: 'unknown', reason: describeStatus(answer), raw: text };
  }
  const code = body === null ? 'refused' : refusalCodeOf(body);
  return {
    kind: 'refused',
    code,
    message: body?.message ?? text,`,
      },
      {
        id: 'foreign-acceptance-taken',
        defect: 'a 2xx that shows another order counts as ours',
        breaks: ['I1', 'F06'],
        find: 'if (order.clientOrderId === clientOrderId) return',
        replace: 'if (order.clientOrderId !== "") return',
      },
      {
        id: 'lost-cancel-taken-as-requested',
        defect: 'a cancel without an answer counts as taken',
        breaks: ['I7', 'F34'],
        find: "return { kind: 'unknown', reason: answer.reason };",
        replace: "return { kind: 'requested' };",
      },
      {
        id: 'no-answer-as-not-sent',
        defect: 'a request that may have arrived is sent again at once',
        breaks: ['I1', 'F03', 'F28'],
        find: "return { kind: 'unknown', reason: answer.reason, raw: null };",
        replace: "return { kind: 'not_sent', reason: answer.reason, retryAfterMs: null };",
      },
    ],
  ),
];
