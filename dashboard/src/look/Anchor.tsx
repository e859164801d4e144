import { useRouter } from "@tanstack/react-router";
import type { ComponentProps, MouseEvent } from "react";

export interface AnchorProps extends Omit<ComponentProps<"a">, "href"> {
  /** An address inside the dashboard, from its root: `/jobs/job_1?tab=curves`. */
  to: string;
}

/** The full path of an address inside the dashboard, below whatever prefix the page is served. */
export function hrefTo(to: string): string {
  const { pathname, search, hash } = new URL(to.replace(/^\//, "./"), document.baseURI);
  return pathname + search + hash;
}

/** A link that does not load the page anew; in a new tab it works like any other. */
export function Anchor({ to, onClick, ...rest }: AnchorProps) {
  const router = useRouter({ warn: false });
  const href = hrefTo(to);

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    if (event.defaultPrevented || !isPlainClick(event) || router === null) return;
    event.preventDefault();
    router.history.push(href);
  }

  return <a {...rest} href={href} onClick={follow} />;
}

export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
