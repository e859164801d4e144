/** The same downloads in a terminal, as docs/api.md writes them. */
import { serviceUrl } from "@/api/place";
import type { Artifact, Job } from "@/api/schema";

const KEY = '-H "Authorization: Bearer $STILLHOUSE_API_KEY"';

export function curlOf({ links, path }: Artifact): string {
  const name = path.split("/").at(-1) ?? path;
  return `curl -f -o ${quoted(name)} ${KEY} ${quoted(serviceUrl + links.content)}`;
}

export function bundleCurlOf({ id, links }: Job): string {
  return `curl -f -o ${id}.tar ${KEY} ${quoted(serviceUrl + links.bundle)}`;
}

/** For a shell: nothing in it means anything but itself. */
function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
