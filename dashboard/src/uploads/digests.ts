import { Sha256 } from "./sha256";

const SLICE = 4 << 20;

/** Of a whole file, read in slices: what it takes of memory does not depend on its size. */
export async function digestOfFile(
  file: Blob,
  tell: (done: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const digest = new Sha256();
  for (let start = 0; start < file.size; start += SLICE) {
    signal.throwIfAborted();
    const bytes = new Uint8Array(await file.slice(start, start + SLICE).arrayBuffer());
    digest.update(bytes);
    tell(start + bytes.length);
  }
  return hex(digest.digest());
}

/** Of a part that is in memory anyway; WebCrypto is quicker, where the page may use it. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (!globalThis.isSecureContext) return new Sha256().update(bytes).digest();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function hex(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** RFC 9530. */
export function contentDigest(digest: Uint8Array): string {
  return `sha-256=:${btoa(String.fromCharCode(...digest))}:`;
}
