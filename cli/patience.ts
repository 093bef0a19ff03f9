/** The outcome of the work, or `late` when it takes longer. The work itself is not stopped. */
export async function withinMs<Result>(
  ms: number,
  work: Promise<Result>,
  late: Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
