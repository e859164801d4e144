/** Downloads by signed links: the browser saves the file itself, and no address has the key in it. */
import { type Api, bodyOf } from "@/api/client";
import { serviceUrl } from "@/api/place";

export async function download(api: Api, artifactId: string): Promise<void> {
  const { url } = bodyOf(
    await api.POST("/v1/artifacts/{artifact_id}/link", {
      params: { path: { artifact_id: artifactId } },
    }),
  );
  navigate(new URL(url, serviceUrl).href);
}

/** The service says "attachment", so the page stays where it is. */
function navigate(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
