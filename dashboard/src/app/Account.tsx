import { KeyIcon } from "@/look/icons";
import { Menu } from "@/look/Menu";
import { useSession } from "@/session/session";

export function Account() {
  const { me, signOut } = useSession();
  const whose = [me.tenant, me.key.project].filter(Boolean).join(" / ");
  return (
    <Menu
      label={`Signed in as ${me.key.name} of ${whose}`}
      trigger={<KeyIcon />}
      items={[
        {
          id: "who",
          title: `${me.key.name} · ${whose}`,
          disabled: true,
          onSelect: () => undefined,
        },
        { id: "out", title: "Sign out", onSelect: signOut },
      ]}
    />
  );
}
