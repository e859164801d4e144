/** The wire format of server-sent events, read from the body of a fetch (EventSource sends no key). */
export interface Message {
  event: string;
  data: string;
  /** Null where the message has none of its own. */
  id: string | null;
}

/** A comment is what the service says to show that it is there. */
export type Piece = { kind: "message"; message: Message } | { kind: "comment" };

/** Each message and comment of a stream as it comes; ends when the stream does. */
export async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Piece> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) yield* pieceOf(block);
    }
  } finally {
    // Whoever stops listening must not leave the stream open: the service counts them.
    await reader.cancel().catch(() => undefined);
  }
}

function* pieceOf(block: string): Generator<Piece> {
  const data: string[] = [];
  let event = "message";
  let id: string | null = null;
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith(":")) yield { kind: "comment" };
    const [, field, value = ""] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id") id = value;
  }
  if (data.length > 0) yield { kind: "message", message: { event, data: data.join("\n"), id } };
}
