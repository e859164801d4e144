const EDGE = 8;

/** Puts a box of the top layer below its anchor, or above where there is more room. */
export function placeBeside(box: HTMLElement, anchor: HTMLElement, gap = 4): void {
  const from = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const fitsBelow = from.bottom + gap + height + EDGE <= innerHeight;
  const top =
    fitsBelow || from.top < height + gap + EDGE ? from.bottom + gap : from.top - gap - height;
  const left = Math.min(from.left, innerWidth - width - EDGE);
  box.style.top = `${top}px`;
  box.style.left = `${Math.max(EDGE, left)}px`;
}

/** Into the top layer, above dialogs and outside of anything that clips. */
export function raise(box: HTMLElement): void {
  if ("showPopover" in box) box.showPopover();
}
