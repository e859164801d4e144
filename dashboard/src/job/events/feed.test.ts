import { expect, test } from "vitest";
import { unreachable } from "@/api/problem";
import type { Event } from "@/api/schema";
import { heard, NOTHING_YET } from "@/job/events/feed";

function event(seq: number): Event {
  return { seq, type: "job.progress", at: "2026-01-01T00:00:00Z", attempt: 1, data: {} };
}

function events(...seqs: number[]) {
  return { kind: "events", events: seqs.map(event) } as const;
}

test("an event that comes a second time is not shown a second time", () => {
  const before = [events(1, 2), events(3)].reduce(heard, NOTHING_YET);
  const after = heard(before, events(2, 3, 4));

  expect(after.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(after.after).toBe(4);
});

test("nothing new leaves the list as it is, so that nothing is drawn again", () => {
  const before = heard(NOTHING_YET, events(1, 2));

  expect(heard(before, events(1)).events).toBe(before.events);
});

test("what was swept away is counted, and gone on after", () => {
  const feed = heard(NOTHING_YET, { kind: "gap", first: 1, last: 40 });

  expect(feed).toMatchObject({ swept: 40, after: 40, events: [] });
  expect(heard(feed, events(40, 41)).events).toHaveLength(1);
});

test("a refusal is over once something is heard again, or something passing is in the way", () => {
  const problem = unreachable(new Error("gone"));
  const refused = heard(heard(NOTHING_YET, events(1)), { kind: "refused", problem });

  expect(refused).toMatchObject({ problem, refused: true, after: 1 });
  expect(heard(refused, events(2))).toMatchObject({ problem: null, refused: false });
  expect(heard(refused, { kind: "broken", problem })).toMatchObject({ problem, refused: false });
});
