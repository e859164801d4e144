import { useEffect, useRef, useState } from "react";

/** Copies, also where the page came over plain HTTP and the browser has no clipboard for it. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text);
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  const focused = document.activeElement;
  area.value = text;
  area.className = "unseen";
  // Inside an open dialog everything else is inert, and cannot be selected.
  const within = focused?.closest("dialog") ?? document.body;
  within.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

export type Copied = "no" | "yes" | "failed";

const SHOWN_FOR_MS = 2000;

/** Whether the text has just been copied, and how to do it. */
export function useCopy(text: string): { copied: Copied; copyText: () => void } {
  const [copied, setCopied] = useState<Copied>("no");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function copyText() {
    setCopied((await copy(text)) ? "yes" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied("no"), SHOWN_FOR_MS);
  }

  return { copied, copyText: () => void copyText() };
}
