/** The one-time code that `still up` opens the page with: read once, and gone from the address. */
import { bodyOf, openApi } from "@/api/client";

/** Before anything else looks at the address: a code must not stay in the history. */
export function takeCode(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get("code");
  if (code !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export async function keyFor(code: string): Promise<string> {
  const answer = await openApi({ key: null }).POST("/v1/sign-in", { body: { code } });
  return bodyOf(answer).key;
}
