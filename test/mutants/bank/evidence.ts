import { type Mutant, mutantsOf } from '../mutant.js';

const UNKNOWN = 'test/unit/activities/unknown-orders.test.ts';
const ANSWERS = 'test/unit/activities/answers.test.ts';
const FILLS = 'test/unit/activities/fills.test.ts';
const TAKEN_BACK = 'test/unit/activities/taken-back.test.ts';
const GONE = 'test/unit/activities/gone-unheard.test.ts';
const NAMED = 'test/unit/activities/named-trades.test.ts';
const PLACE_ORDER = 'test/unit/activities/place-order.test.ts';
const FIRST_SIGHT = 'test/unit/activities/first-sight.test.ts';
const ODD = 'test/unit/activities/odd-executions.test.ts';
const GROUPS = 'test/unit/activities/order-groups.test.ts';
const CANCEL = 'test/unit/activities/cancel-order.test.ts';

/** Defects in what the books make of the broker's evidence. */
export const EVIDENCE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/order/apply-evidence.ts', killers: [GROUPS] }, [
    {
      id: 'growth-after-its-fills',
      defect: 'a fill of an exit that the broker has made larger again counts as too much',
      breaks: ['I3', 'I14', 'F23'],
      find: '  if (isGrowth(step)) await applyQuantity',
      replace: "  if (isGrowth(step) && evidence.event === 'never') await applyQuantity",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-execution.ts', killers: [GONE] }, [
    {
      id: 'price-is-no-difference',
      defect: 'a later trade of the size of a gone one, at another price, counts as that one',
      breaks: ['I3', 'F23'],
      find: 'held.price !== execution.price || ',
      replace: '',
    },
  ]),
  ...mutantsOf(
    { file: 'activities/order/apply-evidence.ts', killers: [FILLS, ANSWERS, TAKEN_BACK] },
    [
      {
        id: 'cumulative-check-dropped',
        defect: 'fills that the broker shows and the books lack are not noticed',
        breaks: ['I2', 'F18'],
        find: 'return brokerFilledQuantity > draft.order.filledQuantity;',
        replace: 'return brokerFilledQuantity < draft.order.filledQuantity;',
      },
      {
        id: 'end-booked-before-its-fills',
        defect: 'an order is closed while fills of it are missing',
        breaks: ['I2', 'I9', 'F16', 'F30'],
        find: 'if (isEnd && isMissingFills) {',
        replace: "if (isEnd && isMissingFills && evidence.event === 'never') {",
      },
      {
        id: 'taken-back-works-on',
        defect: 'an order that filled and was taken back unheard is held open for ever',
        breaks: ['I6', 'I9', 'I14', 'F23'],
        find: "isTakenBack(snapshot) ? 'reported_canceled' : reportedKind(evidence)",
        replace: 'isTakenBack(snapshot) ? reportedKind(evidence) : reportedKind(evidence)',
      },
      {
        id: 'unknown-status-ignored',
        defect: 'a status that nobody has decided about changes nothing and tells nobody',
        breaks: ['I6', 'F22'],
        find: 'draft.quarantine = `the broker gave a status',
        replace: 'draft.order.parkedReason ?? `the broker gave a status',
      },
    ],
  ),
  ...mutantsOf({ file: 'activities/order/apply-evidence.ts', killers: [FIRST_SIGHT] }, [
    {
      id: 'undecided-status-hides-the-order',
      defect: 'an order that is first seen with an undecided status cannot be canceled',
      breaks: ['I6', 'I14', 'F22'],
      find: '    await noteAtBroker(transaction, world, step);\n    draft.quarantine',
      replace: '    draft.quarantine',
    },
    {
      id: 'fills-of-another-booked',
      defect: 'the fills of an order of the other side under our id are booked as ours',
      breaks: ['I4', 'F07'],
      find: 'if (shown !== null && mistaken !== null) {',
      replace: 'if (shown !== null && mistaken === "") {',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/evidence.ts', killers: [ODD] }, [
    {
      id: 'odd-line-ends-every-repair',
      defect: 'one execution that cannot lie where it is listed keeps the stream from going live',
      breaks: ['I14', 'F18'],
      find: 'return units > 0 && cumulativeQuantity >= units;',
      replace: 'return units >= 0 || cumulativeQuantity >= units;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/place-order.ts', killers: [FIRST_SIGHT] }, [
    {
      id: 'adopted-order-sent',
      defect: 'an order of somebody else is sent once more, or denied although it works',
      breaks: ['I1', 'I6'],
      find: 'known !== null && (await isFoundAtBroker(world, known))',
      replace: 'known !== null && !(await isFoundAtBroker(world, known)) && known.parent === ""',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-execution.ts', killers: [FILLS, ANSWERS] }, [
    {
      id: 'interval-dedupe-dropped',
      defect: 'a fill that the books hold is taken for a new one',
      breaks: ['I3', 'F13'],
      find: 'if (cause === null && isInsideOne(met, execution)) return;',
      replace: "if (cause === null && evidence.source === 'poll') return;",
    },
    {
      id: 'fill-outside-the-transaction',
      defect: 'a fill is booked by a transaction of its own, after the one that moved the order',
      breaks: ['I2', 'I5', 'F10'],
      find: `    await bookFill(transaction, step.draft.order, fill);
  }`,
      replace: `    const { order } = step.draft;
    void world.books.transaction(world.account, (own) => bookFill(own, order, fill));
  }`,
    },
    {
      id: 'overlap-not-quarantined',
      defect: 'an execution that contradicts the books is dropped in silence',
      breaks: ['I3', 'I6', 'F22'],
      find: "draft.quarantine = 'an execution overlaps fills that the books hold';",
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/newness.ts', killers: [FILLS, ANSWERS] }, [
    {
      id: 'older-status-wins',
      defect: 'a status that arrives late overwrites a newer one',
      breaks: ['I6', 'F14'],
      find: '(compareWithApplied(order, updatedAt) ?? 0) < 0',
      replace: '(compareWithApplied(order, updatedAt) ?? 0) > 0',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/park-order.ts', killers: [FILLS, ANSWERS] }, [
    {
      id: 'parked-symbol-goes-on',
      defect: 'an order is parked and its symbol goes on trading',
      breaks: ['I3', 'I6'],
      find: 'upsert({ ...instrument, parkedReason: reason })',
      replace: 'upsert({ ...instrument, parkedReason: null })',
    },
    {
      id: 'parked-anew-with-every-poll',
      defect: 'the same evidence alerts again and again',
      breaks: ['I11'],
      find: 'if (draft.order.parkedReason === null) return false;',
      replace: 'if (draft.order.parkedReason !== "") return false;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/reservation.ts', killers: [PLACE_ORDER, FILLS] }, [
    {
      id: 'reservation-not-released',
      defect: 'an order that ended keeps its buying power',
      breaks: ['I9', 'F29'],
      find: '  const opening = hasClosed\n',
      replace: '  const opening = hasClosed && held.openingQuantity === 0\n',
    },
    {
      id: 'reservation-released-twice',
      defect: 'what is released is taken off the totals twice',
      breaks: ['I9', 'F29'],
      find: 'const freed = subtractUsd(reserved, held?.amount ?? ZERO_USD);',
      replace: 'const freed = subtractUsd(reserved, addUsd(amount, held?.amount ?? ZERO_USD));',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/post-fill.ts', killers: [PLACE_ORDER, FILLS] }, [
    {
      id: 'cash-moved-the-wrong-way',
      defect: 'buying brings money in',
      breaks: ['I4', 'I5'],
      find: "const isPaid = (fill.side === 'buy') !== isReversal;",
      replace: "const isPaid = (fill.side === 'sell') !== isReversal;",
    },
    {
      id: 'fill-without-its-position',
      defect: 'a fill is booked and the position is not',
      breaks: ['I4', 'I5', 'F10'],
      find: '  await writePosition(transaction, posting);\n',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/reservation.ts', killers: [TAKEN_BACK] }, [
    {
      id: 'reopened-order-reserves-nothing',
      defect: 'what a bust gives back to the market is not held back again',
      breaks: ['I9', 'F23'],
      find: 'if (hasReopened || (',
      replace: 'if (hasReopened && (',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-execution.ts', killers: [TAKEN_BACK] }, [
    {
      id: 'inferred-stays-for-ever',
      defect: 'an execution is taken for told when its fill was only inferred',
      breaks: ['I3', 'F24'],
      find: "if (only === undefined) return 'explained';",
      replace: 'if (only === undefined) return null;',
    },
    {
      id: 'trade-in-place-is-cut',
      defect: 'a larger trade in the place of one that was taken back unheard is not believed',
      breaks: ['I2', 'I3', 'F23'],
      find: "return longer > 0 || isLast ? 'gone' : null;",
      replace: "return longer < 0 && isLast ? 'gone' : null;",
    },
  ]),
  ...mutantsOf({ file: 'domain/order/fill-plan.ts', killers: [TAKEN_BACK] }, [
    {
      id: 'bust-leaves-what-is-above',
      defect: 'what was filled above a trade that was taken back stays where it was',
      breaks: ['I3', 'F23'],
      find: 'const moved = above.map((fill) => movedBy(fill, -intervalQuantity(busted)));',
      replace: 'const moved = above.map((fill) => movedBy(fill, 0));',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-trade-change.ts', killers: [NAMED] }, [
    {
      id: 'early-correction-forgotten',
      defect: 'a change of a trade without a name is only noted, and lost with the process',
      breaks: ['I3', 'I4', 'F23'],
      find: 'return applyTotals(transaction, world, { ...step, mayInferMissing: false });',
      replace: 'return;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/rebook-fills.ts', killers: [TAKEN_BACK] }, [
    {
      id: 'day-forgets-a-bust',
      defect: 'a loss that a correction brings does not count for the day',
      breaks: ['I9', 'F23'],
      find: 'realizedPnl: addUsd(day.realizedPnl, subtractUsd(netOf(after), netOf(before))),',
      replace: 'realizedPnl: day.realizedPnl,',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/book-fill.ts', killers: [PLACE_ORDER, FILLS] }, [
    {
      id: 'streak-not-counted',
      defect: 'lost trades do not add up',
      breaks: ['I9'],
      find: 'tradesClosed: day.tradesClosed + 1,',
      replace: 'tradesClosed: day.tradesClosed,',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/publish-after.ts', killers: [FILLS, ANSWERS] }, [
    {
      id: 'told-before-the-commit',
      defect: 'waiting code learns of what may be rolled back',
      breaks: ['I12', 'F43'],
      find: `  const result = await world.books.transaction(world.account, write);
  if ('view' in result) world.notices.publish(result.view);
  return result;`,
      replace: `  return world.books.transaction(world.account, async (transaction) => {
    const result = await write(transaction);
    if ('view' in result) world.notices.publish(result.view);
    return result;
  });`,
    },
  ]),
  ...mutantsOf({ file: 'activities/order/abandon-order.ts', killers: [ANSWERS, UNKNOWN] }, [
    {
      id: 'abandoned-without-the-second-miss',
      defect: 'one lookup that found nothing is proof enough',
      breaks: ['I1', 'I6', 'F04'],
      find: 'if (misses.length === 0 || missedForMs < MISSES_APART_MS) return null;',
      replace: '',
    },
    {
      id: 'unknown-closed-by-time',
      defect: 'five minutes close an unknown order, whatever the broker lists',
      breaks: ['I6', 'F04'],
      find: 'if (listed.some((order) => order.clientOrderId === clientOrderId)) return null;',
      replace: 'if (listed.length < 0) return null;',
    },
    {
      id: 'abandoned-while-the-stream-is-down',
      defect: 'silence of a stream that nobody listened to counts as proof',
      breaks: ['I6', 'F17'],
      find: "if (stream?.status !== 'live' || stream.bootEpoch !== world.bootEpoch) return false;",
      replace: 'if (stream === null) return false;',
    },
    {
      id: 'abandoned-beside-a-foreign-fill',
      defect: 'an execution that nothing explains does not keep the order open',
      breaks: ['I2', 'I6'],
      find: '!(await isOfAnotherOrder(world, execution, intent))) return true;',
      replace: '!(await isOfAnotherOrder(world, execution, intent))) return false;',
    },
    {
      id: 'waits-for-an-order-of-another-id',
      defect: 'an external order and an unknown one of its symbol wait for each other',
      breaks: ['I6'],
      find: 'return shown !== null && shown.clientOrderId !== clientOrderId;',
      replace: 'return shown !== null && shown.clientOrderId === null;',
    },
    {
      id: 'abandoned-a-millisecond-early',
      defect: 'the wait for the proof ends before five minutes',
      breaks: ['I6'],
      find: 'const WAIT_MS = 5 * 60_000;',
      replace: 'const WAIT_MS = 5 * 60_000 - 1;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/resolve-order.ts', killers: [ANSWERS] }, [
    {
      id: 'attempt-under-way-looked-up',
      defect: 'a request that is still on its way is taken for lost',
      breaks: ['I1', 'F01'],
      find: 'if (isStillUnderWay(world, row)) return viewOf(row);',
      replace: '',
    },
    {
      id: 'dead-attempt-waited-for',
      defect: 'an attempt of a process that died is not told from one that lives',
      breaks: ['I14', 'F01'],
      find: 'if (beganAtMs < world.startedAtWallMs) return false;',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/cancel-order.ts', killers: [CANCEL] }, [
    {
      id: 'cancel-confirmed-by-its-request',
      defect: 'the answer says canceled as soon as the broker took the request',
      breaks: ['I6', 'I7', 'F33'],
      find: "return answer('requested', 'the broker took the request', state);",
      replace: "return answer('already_closed', 'the broker took the request', state);",
    },
    {
      id: 'cancel-without-a-lookup',
      defect: 'an unknown order is not looked for before it is canceled',
      breaks: ['I1', 'I7'],
      find: 'if (!isInFlight(view.state)) return view;',
      replace: 'if (view.version > 0) return view;',
    },
    {
      id: 'fills-before-the-cancel-forgotten',
      defect: 'a cancel that came too late does not fetch the fills',
      breaks: ['I2', 'F34'],
      find: 'return (await pollOrder(world, clientOrderId)).state;',
      replace: "return clientOrderId === '' ? (await pollOrder(world, '')).state : 'accepted';",
    },
  ]),
  ...mutantsOf(
    {
      file: 'domain/order/transition-table.ts',
      killers: ['test/unit/domain/order/transitions.test.ts'],
    },
    [
      {
        id: 'late-fill-impossible',
        defect: 'a fill after the cancel is refused',
        breaks: ['I2', 'I6', 'F16'],
        find: "filled_partly: to('canceled', lateFill),",
        replace: 'filled_partly: overfill,',
      },
      {
        id: 'sent-beside-an-attempt',
        defect: 'a second attempt begins while the first is under way',
        breaks: ['I1', 'F01'],
        find: "send_began: impossible('one attempt at a time: the former one is resolved first'),",
        replace: "send_began: to('submitting'),",
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/order/apply-order-event.ts',
      killers: ['test/unit/domain/order/apply-order-event.test.ts', ANSWERS, UNKNOWN],
    },
    [
      {
        id: 'refused-repeat-proves-the-first',
        defect: 'a refused second attempt closes an order whose first may be at the broker',
        breaks: ['I1', 'I6', 'F05'],
        find: 'return earlierSendAtMs === null\n    ? otherwise',
        replace: 'return earlierSendAtMs !== undefined\n    ? otherwise',
      },
      {
        id: 'refused-repeat-begins-the-wait-anew',
        defect: 'a resend that was refused moves the last possible send of an earlier attempt',
        breaks: ['I6'],
        find: 'lastPossibleSendAtMs: earlierSendAtMs };',
        replace: 'lastPossibleSendAtMs: order.progress.sendDeadlineAtMs };',
      },
      {
        id: 'overfill-booked',
        defect: 'more is booked than was ordered',
        breaks: ['I3', 'I9', 'F32'],
        find: 'if (filled > ordered || event.interval.cumulativeAfter > ordered) return null;',
        replace: '',
      },
    ],
  ),
];
