import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { placeBeside, raise } from "./floating";
import styles from "./Tooltip.module.css";

export interface TooltipProps {
  text: ReactNode;
  /** What it explains; inside it, something that can be focused. */
  children: ReactNode;
}

/** More words on pointing or focusing; nothing that is needed to use the page. */
export function Tooltip({ text, children }: TooltipProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open || bubble.current === null || anchor.current === null) return;
    raise(bubble.current);
    placeBeside(bubble.current, anchor.current, 6);
  }, [open]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what it wraps
    <span
      ref={anchor}
      className={styles.anchor}
      aria-describedby={open ? id : undefined}
      onPointerEnter={() => setOpen(true)}
      onPointerLeave={() => setOpen(false)}
      onFocus={() => setOpen(true)}
      onBlur={() => setOpen(false)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      {children}
      {open && (
        <span ref={bubble} id={id} role="tooltip" popover="manual" className={styles.bubble}>
          {text}
        </span>
      )}
    </span>
  );
}
