/** A folder as one file. It is the same, byte for byte, as the one that `still data add` packs, so
 * what was sent from a terminal is not sent again from a browser. */
const BLOCK = 512;
const RECORD = 20 * BLOCK;
const NAME_BYTES = 100;
const LARGEST = 8 ** 11 - 1;
const LITTER = ["__macosx", "thumbs.db", "desktop.ini"];

export interface Member {
  readonly name: string;
  readonly content: Blob;
}

/** The files of a chosen folder by their names in it, sorted. Hidden ones stay at home. */
export function membersOf(files: Iterable<File>): Member[] {
  return Array.from(files, (content) => {
    const [, ...inside] = content.webkitRelativePath.split("/");
    return { name: inside.length === 0 ? content.name : inside.join("/"), content };
  })
    .filter(({ name }) => !name.split("/").some(isLitter))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function folderName(files: Iterable<File>): string {
  for (const { webkitRelativePath } of files) {
    const [folder] = webkitRelativePath.split("/");
    if (folder !== undefined && folder !== "") return folder;
  }
  return "data";
}

/** A file whose size a header has no digits for; null: all of them can be packed. */
export function tooLarge(members: readonly Member[]): Member | null {
  return members.find(({ content }) => content.size > LARGEST) ?? null;
}

/** The browser reads the files when the parts are sent: nothing is copied into memory. */
export function packed(members: readonly Member[]): Blob {
  const pieces: BlobPart[] = [];
  let size = 0;
  const add = (piece: Blob | Uint8Array<ArrayBuffer>) => {
    pieces.push(piece);
    size += piece instanceof Blob ? piece.size : piece.length;
  };
  const pad = (to: number) => {
    if (size % to > 0) add(new Uint8Array(to - (size % to)));
  };
  for (const { name, content } of members) {
    if (!isPlain(name)) {
      const record = pathRecord(name);
      add(header("././@PaxHeader", record.length, "x", 0));
      add(record);
      pad(BLOCK);
    }
    add(header(name, content.size, "0", 0o644));
    add(content);
    pad(BLOCK);
  }
  add(new Uint8Array(2 * BLOCK));
  pad(RECORD);
  return new Blob(pieces);
}

function isLitter(part: string): boolean {
  return part.startsWith(".") || LITTER.includes(part.toLowerCase());
}

function isPlain(name: string): boolean {
  return name.length <= NAME_BYTES && /^[\0-\x7f]*$/.test(name);
}

function header(name: string, size: number, type: string, mode: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => {
    for (let index = 0; index < text.length; index += 1) block[at + index] = text.charCodeAt(index);
  };
  put(
    Array.from(name, (letter) => (letter > "\x7f" ? "?" : letter))
      .slice(0, NAME_BYTES)
      .join(""),
    0,
  );
  put(octal(mode, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(0, 11), 136);
  put("        ", 148);
  put(type, 156);
  put("ustar\x0000", 257);
  put(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0`,
    148,
  );
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** POSIX pax: "<length of all of this> path=<name>\n". */
function pathRecord(name: string): Uint8Array<ArrayBuffer> {
  const rest = new TextEncoder().encode(` path=${name}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length)
    length = String(length).length + rest.length;
  const record = new Uint8Array(length);
  record.set(new TextEncoder().encode(String(length)));
  record.set(rest, length - rest.length);
  return record;
}
