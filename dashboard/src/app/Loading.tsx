import { Page } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";

/** While the code of a screen arrives; it stands where the screen's own title will. */
export function Loading() {
  return (
    <Page title={<Skeleton width="160px" height="20px" />}>
      <Skeleton lines={8} />
    </Page>
  );
}
