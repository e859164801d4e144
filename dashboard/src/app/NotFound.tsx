import { ButtonLink } from "@/app/ButtonLink";
import { Empty } from "@/look/Empty";
import { Page } from "@/look/Page";

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" action={<ButtonLink to="/jobs">All jobs</ButtonLink>}>
        The address may be cut off, or from a later version of Stillhouse.
      </Empty>
    </Page>
  );
}
