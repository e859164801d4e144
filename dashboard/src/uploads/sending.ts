import { newIdempotencyKey } from "@/api/client";
import { ApiProblem, asProblem } from "@/api/problem";
import type { NewUpload, Upload, UploadKind, UploadSummary } from "@/api/schema";
import { bytes } from "@/look/format";
import { contentDigest, digestOf, digestOfFile, hex } from "./digests";

const MIB = 1 << 20;
const AT_ONCE = 3;
const TRIES = 6;

/** The requests of an upload, each a promise of what the service says. */
export interface UploadRequests {
  announce(upload: NewUpload, key: string): Promise<Upload>;
  open(): Promise<readonly UploadSummary[]>;
  get(id: string): Promise<Upload>;
  putPart(
    id: string,
    number: number,
    bytes: Blob,
    digest: string,
    signal: AbortSignal,
  ): Promise<void>;
  complete(id: string): Promise<Upload>;
}

export interface Limits {
  upload_bytes: number;
  part_bytes: number;
  parts: number;
}

export interface Sent {
  stage: "reading" | "sending" | "checking";
  done: number;
  total: number;
}

interface Consignment {
  file: Blob;
  filename: string;
  kind: UploadKind;
  limits: Limits;
  requests: UploadRequests;
  tell: (sent: Sent) => void;
  signal: AbortSignal;
  /** Waits before a try; tests have no time for it. */
  rest?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/** Sends a file, or what is missing of it; the same call goes on after a pause or a reload. */
export async function send(consignment: Consignment): Promise<Upload> {
  const { file, filename, kind, limits, requests, tell, signal } = consignment;
  const total = file.size;
  if (total > limits.upload_bytes) throw overLimit(total, limits.upload_bytes);
  const reading = (done: number) => tell({ stage: "reading", done, total });
  reading(0);
  const sha256 = await digestOfFile(file, reading, signal);
  const known = await begun(requests, kind, sha256, total);
  signal.throwIfAborted();
  const part_size = partSize(total, limits);
  const upload =
    known ??
    (await again(consignment, (key) =>
      requests.announce({ kind, filename, bytes: total, sha256, part_size, project: null }, key),
    ));
  if (upload.state === "complete") return upload;
  await sendParts(consignment, upload);
  signal.throwIfAborted();
  tell({ stage: "checking", done: total, total });
  return again(consignment, () => requests.complete(upload.id));
}

/** As the service would say it, without the minutes in which the file is read for its digest. */
function overLimit(total: number, most: number): ApiProblem {
  return new ApiProblem({
    status: 413,
    code: "too_large",
    title: "Too large",
    detail: `It has ${bytes(total)}; an upload may have ${bytes(most)} here.`,
    hint: "Send less, or ask the operator to raise STILLHOUSE_MAX_UPLOAD_BYTES.",
    errors: [],
    instance: "",
    retryAfter: null,
    members: { most },
  });
}

/** Small enough that a bar moves and little is lost with a part, and not too many of them. */
export function partSize(bytes: number, limits: Limits): number {
  const mebibytes = (size: number) => Math.ceil(size / MIB) * MIB;
  const pleasant = Math.min(Math.max(mebibytes(bytes / 200), MIB), 16 * MIB);
  return Math.min(Math.max(pleasant, mebibytes(bytes / limits.parts)), limits.part_bytes);
}

/** The upload of the same bytes that was interrupted, with the parts that have arrived. */
async function begun(
  requests: UploadRequests,
  kind: UploadKind,
  sha256: string,
  bytes: number,
): Promise<Upload | null> {
  const open = await requests.open();
  const found = open.find(
    (upload) => upload.sha256 === sha256 && upload.bytes === bytes && upload.kind === kind,
  );
  return found === undefined ? null : requests.get(found.id);
}

async function sendParts(consignment: Consignment, upload: Upload): Promise<void> {
  const { file, requests, tell, signal } = consignment;
  const arrived = new Map(upload.parts.map(({ number, sha256 }) => [number, sha256]));
  const waiting = Array.from({ length: upload.parts_expected }, (_none, index) => index + 1);
  let done = 0;
  const sendNext = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      signal.throwIfAborted();
      const start = (number - 1) * upload.part_size;
      const part = file.slice(start, start + upload.part_size);
      const digest = await digestOf(new Uint8Array(await part.arrayBuffer()));
      if (arrived.get(number) !== hex(digest)) {
        const at = number;
        await again(consignment, () =>
          requests.putPart(upload.id, at, part, contentDigest(digest), signal),
        );
      }
      done += part.size;
      tell({ stage: "sending", done, total: upload.bytes });
    }
  };
  tell({ stage: "sending", done, total: upload.bytes });
  const lanes = Array.from({ length: AT_ONCE }, sendNext);
  try {
    await Promise.all(lanes);
  } catch (error) {
    waiting.length = 0;
    await Promise.allSettled(lanes);
    throw error;
  }
}

/** Tries again what may pass, later each time, as one intention: the key stays the same. */
async function again<T>(consignment: Consignment, ask: (key: string) => Promise<T>): Promise<T> {
  const { signal, rest = sleep } = consignment;
  const key = newIdempotencyKey();
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask(key);
    } catch (error) {
      signal.throwIfAborted();
      const problem = asProblem(error);
      const mayPass = problem.isPassing || (problem.code === "digest_mismatch" && tried === 1);
      if (!mayPass || tried >= TRIES) throw error;
      const later = 0.5 * 2 ** (tried - 1) * (1 + Math.random() / 2);
      await rest(Math.max(problem.retryAfter ?? 0, later), signal);
    }
  }
}

function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
  });
}
