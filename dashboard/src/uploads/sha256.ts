/** SHA-256 piece by piece. WebCrypto wants all bytes at once, and only speaks over TLS. */
const BLOCK = 64;

// FIPS 180-4: fractions of the roots of the first primes.
const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
// biome-ignore format: a table
const ROUND = Uint32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);

export class Sha256 {
  readonly #state = Uint32Array.from(INITIAL);
  readonly #words = new Uint32Array(64);
  readonly #rest = new Uint8Array(BLOCK);
  #resting = 0;
  #length = 0;

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    let start = 0;
    if (this.#resting > 0) {
      start = Math.min(BLOCK - this.#resting, bytes.length);
      this.#rest.set(bytes.subarray(0, start), this.#resting);
      this.#resting += start;
      if (this.#resting < BLOCK) return this;
      this.#block(this.#rest, 0);
      this.#resting = 0;
    }
    for (; start + BLOCK <= bytes.length; start += BLOCK) this.#block(bytes, start);
    this.#rest.set(bytes.subarray(start), 0);
    this.#resting = bytes.length - start;
    return this;
  }

  /** The end: nothing may be added after it. */
  digest(): Uint8Array<ArrayBuffer> {
    const bits = this.#length * 8;
    const tail = new Uint8Array(this.#resting < 56 ? BLOCK : 2 * BLOCK);
    tail.set(this.#rest.subarray(0, this.#resting));
    tail[this.#resting] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    for (let start = 0; start < tail.length; start += BLOCK) this.#block(tail, start);
    const found = new Uint8Array(32);
    const out = new DataView(found.buffer);
    this.#state.forEach((word, index) => {
      out.setUint32(index * 4, word);
    });
    return found;
  }

  #block(bytes: Uint8Array, start: number): void {
    const w = this.#words;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, BLOCK);
    for (let t = 0; t < 16; t += 1) w[t] = view.getUint32(t * 4);
    for (let t = 16; t < 64; t += 1) {
      const near = w[t - 2] ?? 0;
      const far = w[t - 15] ?? 0;
      const s1 = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
      const s0 = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
      w[t] = (s1 + (w[t - 7] ?? 0) + s0 + (w[t - 16] ?? 0)) | 0;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state;
    for (let t = 0; t < 64; t += 1) {
      const choice = (e & f) ^ (~e & g);
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + s1 + choice + (ROUND[t] ?? 0) + (w[t] ?? 0)) | 0;
      const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    const state = this.#state;
    [a, b, c, d, e, f, g, h].forEach((word, index) => {
      state[index] = ((state[index] ?? 0) + word) | 0;
    });
  }
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
