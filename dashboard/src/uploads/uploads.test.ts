import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/problem";
import type { Upload } from "@/api/schema";
import { contentDigest, digestOf, digestOfFile, hex } from "./digests";
import { plainName } from "./names";
import { partSize, type Sent, send, type UploadRequests } from "./sending";
import { Sha256 } from "./sha256";
import { folderName, membersOf, packed } from "./tar";

const LIMITS = { upload_bytes: 1e12, part_bytes: 64 << 20, parts: 10_000 };
const never = new AbortController().signal;

describe("SHA-256 in pieces", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003])("of %d bytes is right", (size) => {
    const bytes = Uint8Array.from({ length: size }, (_none, index) => (index * 31) & 255);
    const digest = new Sha256();
    for (let start = 0, step = 1; start < size; start += step, step = (step * 7) % 131) {
      digest.update(bytes.subarray(start, start + step));
    }
    expect(hex(digest.digest())).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("is the same as that of the browser, and tells how far it is", async () => {
    const bytes = new Uint8Array(5 << 20).fill(7);
    const told: number[] = [];
    const mine = await digestOfFile(new Blob([bytes]), (done) => told.push(done), never);
    expect(mine).toBe(hex(await digestOf(bytes)));
    expect(told).toEqual([4 << 20, 5 << 20]);
  });

  it("is written as RFC 9530 has it", async () => {
    const empty = await digestOf(new Uint8Array());
    expect(contentDigest(empty)).toBe("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
  });
});

function inFolder(path: string, content: BlobPart): File {
  const file = new File([content], path.split("/").at(-1) ?? "");
  Object.defineProperty(file, "webkitRelativePath", { value: path });
  return file;
}

describe("a folder as one tar", () => {
  it("is byte for byte what the command line packs", async () => {
    const long = `${"d".repeat(90)}/${"n".repeat(20)}.png`;
    const files = [
      inFolder("tt/train/cat/ü.png", new Uint8Array(600)),
      inFolder(`tt/train/${long}`, "long"),
      inFolder("tt/train/cat/1.png", "abc"),
      inFolder("tt/.DS_Store", "litter"),
      inFolder("tt/train/Thumbs.db", "litter"),
    ];
    const members = membersOf(files);
    expect(members.map(({ name }) => name)).toEqual([
      "train/cat/1.png",
      "train/cat/ü.png",
      `train/${long}`,
    ]);
    const tar = new Uint8Array(await packed(members).arrayBuffer());
    expect(tar.length).toBe(10_240);
    // Of tarfile.open(target, "w", format=PAX_FORMAT) over the same three files.
    expect(createHash("sha256").update(tar).digest("hex")).toBe(
      "f3399422df15575be2b448297522b5166107b1ebede301aa5f42ad8cb3d2f4b6",
    );
  });

  it("is called like the folder", () => {
    expect(folderName([inFolder("shelf/a.png", "")])).toBe("shelf");
    expect(folderName([])).toBe("data");
  });
});

describe("the size of a part", () => {
  it("keeps the bar moving, and the number of parts allowed", () => {
    expect(partSize(10, LIMITS)).toBe(1 << 20);
    expect(partSize(1 << 30, LIMITS)).toBe(6 << 20);
    expect(partSize(20 * 2 ** 30, LIMITS)).toBe(16 << 20);
    const huge = 400 * 2 ** 30;
    expect(huge / partSize(huge, LIMITS)).toBeLessThanOrEqual(10_000);
    expect(partSize(1 << 30, { ...LIMITS, part_bytes: 2 << 20 })).toBe(2 << 20);
  });
});

function refused(status: number, code: string, retryAfter: number | null = null): ApiProblem {
  const told = { title: code, detail: code, hint: "", errors: [], instance: "", members: {} };
  return new ApiProblem({ ...told, status, code, retryAfter });
}

/** A service in memory that takes parts. */
function service() {
  const parts = new Map<number, { sha256: string; bytes: number }>();
  let upload: Upload | null = null;
  let lasting: Error[] = [];
  let atOnce = 0;
  const seen = { announced: 0, put: [] as number[], keys: [] as string[], most: 0 };
  const now = (): Upload => {
    if (upload === null) throw refused(404, "not_found");
    return {
      ...upload,
      parts: [...parts].map(([number, part]) => ({ number, ...part })),
    };
  };
  const requests: UploadRequests = {
    async announce(wanted, key) {
      seen.announced += 1;
      seen.keys.push(key);
      const failure = lasting.shift();
      if (failure) throw failure;
      const part_size = 4;
      upload = {
        id: "upl_1",
        project: "default",
        kind: wanted.kind,
        filename: wanted.filename,
        bytes: wanted.bytes,
        bytes_received: 0,
        sha256: wanted.sha256,
        part_size,
        parts_expected: Math.ceil(wanted.bytes / part_size),
        parts_received: 0,
        state: "open",
        created_at: "",
        expires_at: "",
        parts: [],
      };
      return upload;
    },
    async open() {
      return upload === null ? [] : [upload];
    },
    async get() {
      return now();
    },
    async putPart(_id, number, bytes, digest, signal) {
      atOnce += 1;
      seen.most = Math.max(seen.most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      signal.throwIfAborted();
      seen.put.push(number);
      const failure = lasting.shift();
      if (failure) throw failure;
      const sha256 = hex(await digestOf(new Uint8Array(await bytes.arrayBuffer())));
      expect(digest).toContain("sha-256=:");
      parts.set(number, { sha256, bytes: bytes.size });
    },
    async complete() {
      const found = now();
      if (parts.size < found.parts_expected) throw refused(409, "upload_incomplete");
      return { ...found, state: "complete" };
    },
  };
  return {
    requests,
    parts,
    seen,
    failWith(...failures: Error[]) {
      lasting = failures;
    },
  };
}

function consignment(requests: UploadRequests, signal: AbortSignal = never) {
  const told: Sent[] = [];
  const rests: number[] = [];
  const file = new Blob(["0123456789abcdefghij!"]);
  return {
    told,
    rests,
    file,
    filename: "teacher.safetensors",
    kind: "model" as const,
    limits: LIMITS,
    requests,
    signal,
    tell: (sent: Sent) => told.push(sent),
    rest: async (seconds: number) => {
      rests.push(seconds);
    },
  };
}

describe("sending a file", () => {
  it("sends every part once, a few at a time, and completes", async () => {
    const { requests, seen } = service();
    const given = consignment(requests);
    const upload = await send(given);
    expect(upload.state).toBe("complete");
    expect(seen.put.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen.most).toBe(3);
    expect(given.told.at(0)).toEqual({ stage: "reading", done: 0, total: 21 });
    expect(given.told.at(-1)).toEqual({ stage: "checking", done: 21, total: 21 });
  });

  it("tries a part again that was lost on the way, and waits as long as it is told", async () => {
    const { requests, failWith } = service();
    const given = consignment(requests);
    const announce = requests.announce;
    requests.announce = async (wanted, key) => {
      const upload = await announce(wanted, key);
      failWith(
        refused(0, "unreachable"),
        refused(503, "unavailable", 7),
        refused(400, "digest_mismatch"),
      );
      return upload;
    };
    expect((await send(given)).state).toBe("complete");
    expect(given.rests).toContain(7);
    expect(given.rests).toHaveLength(3);
  });

  it("announces with the same key at each try", async () => {
    const { requests, failWith, seen } = service();
    failWith(refused(503, "unavailable"));
    await send(consignment(requests));
    expect(seen.keys).toHaveLength(2);
    expect(new Set(seen.keys).size).toBe(1);
  });

  it("refuses a file over the limit before it reads any of it", async () => {
    const { requests, seen } = service();
    const given = { ...consignment(requests), limits: { ...LIMITS, upload_bytes: 20 } };
    await expect(send(given)).rejects.toMatchObject({ code: "too_large", status: 413 });
    expect(given.told).toEqual([]);
    expect(seen.announced).toBe(0);
  });

  it("does not try again what would be refused again", async () => {
    const { requests, failWith, seen } = service();
    failWith(refused(413, "too_large"));
    await expect(send(consignment(requests))).rejects.toMatchObject({ code: "too_large" });
    expect(seen.announced).toBe(1);
  });

  it("gives up after six tries", async () => {
    const { requests, failWith, seen } = service();
    failWith(...Array.from({ length: 9 }, () => refused(0, "unreachable")));
    await expect(send(consignment(requests))).rejects.toMatchObject({ code: "unreachable" });
    expect(seen.announced).toBe(6);
  });

  it("goes on after a pause with what is missing, without announcing it anew", async () => {
    const { requests, seen, parts } = service();
    const pause = new AbortController();
    const put = requests.putPart;
    requests.putPart = async (...args) => {
      await put(...args);
      if (parts.size >= 2) pause.abort();
    };
    await expect(send(consignment(requests, pause.signal))).rejects.toThrow();
    expect(parts.size).toBeLessThan(6);
    const before = new Set(parts.keys());
    requests.putPart = vi.fn(put);
    expect((await send(consignment(requests))).state).toBe("complete");
    expect(seen.announced).toBe(1);
    const sentNow = vi.mocked(requests.putPart).mock.calls.map(([, number]) => number);
    expect(sentNow.filter((number) => before.has(number))).toEqual([]);
  });

  it("sends a part again whose bytes are others than those that arrived", async () => {
    const { requests, parts } = service();
    const pause = new AbortController();
    const put = requests.putPart;
    requests.putPart = async (...args) => {
      await put(...args);
      pause.abort();
    };
    await expect(send(consignment(requests, pause.signal))).rejects.toThrow();
    parts.set(1, { sha256: "0".repeat(64), bytes: 4 });
    requests.putPart = vi.fn(put);
    await send(consignment(requests));
    expect(vi.mocked(requests.putPart).mock.calls.map(([, number]) => number)).toContain(1);
  });

  it("sends nothing of what the service has already", async () => {
    const { requests, seen } = service();
    const announce = requests.announce;
    requests.announce = async (...args) => ({ ...(await announce(...args)), state: "complete" });
    expect((await send(consignment(requests))).state).toBe("complete");
    expect(seen.put).toEqual([]);
  });
});

it("calls a file by its name without endings", () => {
  expect(plainName("shelf.tar.gz")).toBe("shelf");
  expect(plainName("resnet.v2.safetensors")).toBe("resnet.v2");
  expect(plainName(".zip")).toBe(".zip");
});
