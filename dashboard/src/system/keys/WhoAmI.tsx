import { Facts } from "@/look/Facts";
import { Section } from "@/look/Page";
import { Relative } from "@/look/Relative";
import { useSession } from "@/session/session";
import { ScopeChips } from "./ScopeChips";

export function WhoAmI() {
  const { me } = useSession();
  const { key, tenant } = me;
  return (
    <Section title="Your key" note="What this tab is signed in with.">
      <Facts
        items={[
          { term: "Name", value: key.name },
          { term: "Tenant", value: tenant },
          { term: "Project", value: key.project ?? "all of the tenant" },
          { term: "Scopes", value: <ScopeChips scopes={key.scopes} /> },
          {
            term: "Expires",
            value: key.expires_at === null ? "never" : <Relative at={key.expires_at} />,
          },
        ]}
      />
    </Section>
  );
}
