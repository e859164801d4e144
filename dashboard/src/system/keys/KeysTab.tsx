import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Key } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { Button } from "@/look/Button";
import { Empty } from "@/look/Empty";
import { PlusIcon } from "@/look/icons";
import { Section } from "@/look/Page";
import { Table } from "@/look/Table";
import { useSession } from "@/session/session";
import { Allowed } from "../Allowed";
import { useKeys } from "../queries";
import { columnsOf, type KeyVerb } from "./columns";
import { NewKeyDialog } from "./NewKeyDialog";
import { RevokeDialog } from "./RevokeDialog";
import { RotateDialog } from "./RotateDialog";
import { WhoAmI } from "./WhoAmI";

export function KeysTab() {
  return (
    <>
      <WhoAmI />
      <Allowed scope="admin" what="other keys">
        <Keys />
      </Allowed>
    </>
  );
}

type Asked = { verb: "create" } | { verb: KeyVerb; key: Key } | null;

function Keys() {
  const { me } = useSession();
  const { data, error, refetch } = useKeys();
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return (
    <Section
      title="Keys"
      note="Those that were revoked are not shown."
      actions={
        <Button kind="primary" onClick={() => setAsked({ verb: "create" })}>
          <PlusIcon /> New key
        </Button>
      }
    >
      <Table
        label="Keys"
        rows={data ?? []}
        loading={data === undefined}
        columns={columnsOf(me.key.id, (verb, key) => setAsked({ verb, key }))}
        keyOf={({ id }) => id}
        empty={<Empty title="There are no keys" />}
      />
      {asked?.verb === "create" && <NewKeyDialog onClose={close} />}
      {asked?.verb === "rotate" && <RotateDialog of={asked.key} onClose={close} />}
      {asked?.verb === "revoke" && <RevokeDialog of={asked.key} onClose={close} />}
    </Section>
  );
}
