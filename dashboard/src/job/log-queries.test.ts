import { expect, test } from "vitest";
import type { LogEntry } from "@/api/schema";
import { wantedLines } from "@/job/events/levels";
import { joined, type Log } from "@/job/log-queries";

function line(seq: number, level: LogEntry["level"] = "info", text = `line ${seq}`): LogEntry {
  return { seq, level, text, at: "2026-01-01T00:00:00Z", attempt: 1, stream: "stdout" };
}

function log(...seqs: number[]): Log {
  return {
    lines: seqs.map((seq) => line(seq)),
    after: seqs.at(-1) ?? 0,
    hasMore: false,
    isOver: false,
    tag: null,
  };
}

test("lines that two answers bring are shown once", () => {
  const all = joined(log(1, 2, 3), log(2, 3, 4));

  expect(all.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(all.after).toBe(4);
});

test("an answer without lines keeps those that were there, and where to go on", () => {
  const before = log(1, 2);
  const after = joined(before, { ...log(), isOver: true });

  expect(after.lines).toBe(before.lines);
  expect(after).toMatchObject({ after: 2, isOver: true });
});

test("a level wants its own lines and those above it", () => {
  const lines = [line(1, "debug"), line(2, "warning"), line(3, "error")];

  expect(wantedLines(lines, "warning", "").map(({ seq }) => seq)).toEqual([2, 3]);
});

test("letters are looked for whatever their case", () => {
  const lines = [line(1, "info", "CUDA was not found"), line(2)];

  expect(wantedLines(lines, "debug", "cuda").map(({ seq }) => seq)).toEqual([1]);
});
