export type Lane = <T>(ask: () => Promise<T>) => Promise<T>;

/** The requests of one view, one after the other, however many jobs it watches. */
export function openLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const answer = last.then(ask);
    // A failure is told to whoever asked; those behind go on.
    last = answer.catch(() => undefined);
    return answer;
  };
}
