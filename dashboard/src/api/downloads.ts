/** Downloads by signed links: the browser saves the file itself, and no address has the key in it. */
import { type Api, bodyOf } from "@/api/client";
import { serviceUrl } from "@/api/place";

const KEPT_FOR_MS = 60_000;

export async function download(api: Api, artifactId: string): Promise<void> {
  const { url } = bodyOf(
    await api.POST("/v1/artifacts/{artifact_id}/link", {
      params: { path: { artifact_id: artifactId } },
    }),
  );
  navigate(new URL(url, serviceUrl).href);
}

/** What has no link of its own: it was fetched with the key, and goes from memory to a file. */
export function saveAs(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // A browser may still be reading when the click returns.
  setTimeout(() => URL.revokeObjectURL(url), KEPT_FOR_MS);
}

/** The service says "attachment", so the page stays where it is. */
function navigate(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
