/** The key between two loads of the page: in the tab, nowhere else, and gone with it. */
const NAME = "stillhouse.key";

export function storedKey(): string | null {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    // A browser may forbid storage: then a key lasts until the page is loaded again.
    return null;
  }
}

export function storeKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // As above.
  }
}
