import { expect, test } from "vitest";
import { type Piece, piecesOf } from "@/api/sse";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull(controller) {
      const next = bytes.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<Piece[]> {
  const found: Piece[] = [];
  for await (const piece of piecesOf(body)) found.push(piece);
  return found;
}

test("a message is read whole, however the network cuts it", async () => {
  const pieces = await all(
    streamOf("retry: 3000\n\neve", "nt: job.st", 'arted\ndata: {"se', 'q":4}\nid: 4\n', "\n"),
  );

  expect(pieces).toEqual([
    { kind: "message", message: { event: "job.started", data: '{"seq":4}', id: "4" } },
  ]);
});

test("a letter of several bytes may be cut in two", async () => {
  const whole = new TextEncoder().encode("data: café\n\n");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(whole.slice(0, 10));
      controller.enqueue(whole.slice(10));
      controller.close();
    },
  });

  expect(await all(body)).toEqual([
    { kind: "message", message: { event: "message", data: "café", id: null } },
  ]);
});

test("a comment shows that the service is there", async () => {
  expect(await all(streamOf(": ka\n\n"))).toEqual([{ kind: "comment" }]);
});

test("lines of data are one text, and colons in it stay", async () => {
  expect(await all(streamOf("data: a: 1\r\ndata: b\r\n\r\n"))).toEqual([
    { kind: "message", message: { event: "message", data: "a: 1\nb", id: null } },
  ]);
});

test("a message that was cut off by the end of the stream is none", async () => {
  expect(await all(streamOf('data: {"seq":'))).toEqual([]);
});

test("whoever stops reading closes the stream", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of piecesOf(body)) break;

  expect(cancelled).toBe(true);
});
