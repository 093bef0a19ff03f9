/** The workflow tasks of the naive shape. */
export const NAIVE_QUEUE = 'bench-naive';
/** Its three activities: a queue of their own, hence no eager dispatch. */
export const NAIVE_ACTIVITY_QUEUE = 'bench-naive-activities';
export const EMPTY_WORKFLOW = 'empty';
