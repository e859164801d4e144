/** For tests: the part of a service that takes uploads, which ends one when the test says so. */
import { fireEvent } from "@testing-library/react";
import type { Asked } from "./dashboard";

const LIMITS = { upload_bytes: 1000, part_bytes: 1000, parts: 10 };

/** A promise that the test keeps when it wants to. */
export function promised<T>() {
  let keep: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
}

export function uploading(filename: string) {
  const begun = promised<true>();
  const sent = promised<object>();
  const answer = ({ path, method }: Asked): object | undefined => {
    if (path === "/v1/capabilities") return { limits: LIMITS };
    if (path !== "/v1/uploads") return undefined;
    if (method === "GET") return { data: [], next_cursor: null, has_more: false };
    begun.keep(true);
    return sent.promise;
  };
  const end = () => sent.keep({ id: "upl_1", filename, state: "complete", parts: [] });
  return { answer, begun: begun.promise, end };
}

export function choose(input: HTMLElement, ...files: File[]): void {
  fireEvent.change(input, { target: { files } });
}
