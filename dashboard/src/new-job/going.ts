/** Brings the field of a pointer, or the nearest place around it, into view, and the keyboard there. */
export function goTo(pointer: string): void {
  const place = placeOf(pointer);
  if (place === null) return;
  for (let around = place.parentElement; around !== null; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement) around.open = true;
  }
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  place
    .querySelector<HTMLElement>("input, select, textarea, button")
    ?.focus({ preventScroll: true });
}

function placeOf(pointer: string): HTMLElement | null {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = document.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(at)}"]`);
    if (found !== null) return found;
  }
  return null;
}
