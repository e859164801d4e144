/** The one-time code that `still up` opens the page with: read once, and gone from the address. */
import { textIn } from "@/api/loose";
import { serviceUrl } from "@/api/place";
import { problemOf, unreachable } from "@/api/problem";

/** Before anything else looks at the address: a code must not stay in the history. */
export function takeCode(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get("code");
  if (code !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export async function keyFor(code: string): Promise<string> {
  const response = await fetch(`${serviceUrl}/v1/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await problemOf(response);
  const told: unknown = await response.json();
  const key = textIn(told, "key");
  if (key === null) throw new Error("the answer has no key");
  return key;
}
