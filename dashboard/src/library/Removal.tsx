import { asProblem } from "@/api/problem";
import { type Doomed, useRemove } from "@/library/queries";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Notice } from "@/look/Notice";
import { useToasts } from "@/look/toast-queue";

interface RemovalProps {
  doomed: Doomed | null;
  onEnd: () => void;
}

/** Asks before something goes, and says why it stays where the service keeps it. */
export function Removal({ doomed, onEnd }: RemovalProps) {
  const { say } = useToasts();
  const remove = useRemove(onEnd);
  const problem = remove.error === null ? null : asProblem(remove.error);
  const close = () => {
    remove.reset();
    onEnd();
  };
  const go = () => {
    if (doomed === null) return;
    remove.mutate(doomed, { onSuccess: () => say(`${doomed.name} is ${words(doomed).done}.`) });
  };
  return (
    <Dialog
      title={doomed === null ? "" : `${words(doomed).verb} ${doomed.name}?`}
      open={doomed !== null}
      onClose={close}
      footer={
        doomed !== null && (
          <>
            <Button onClick={close}>Keep it</Button>
            <Button kind="danger" busy={remove.isPending} onClick={go}>
              {words(doomed).verb}
            </Button>
          </>
        )
      }
    >
      {doomed !== null && <p>{words(doomed).text}</p>}
      {problem !== null && (
        <Notice tone="bad" title={problem.detail || problem.title} hint={problem.hint} />
      )}
    </Dialog>
  );
}

function words({ kind }: Doomed) {
  switch (kind) {
    case "models":
      return {
        verb: "Delete",
        done: "deleted",
        text: "No job can name it any more. What was trained with it stays.",
      };
    case "datasets":
      return {
        verb: "Delete",
        done: "deleted",
        text: "All its versions go with it. What was trained on them stays.",
      };
    case "uploads":
      return {
        verb: "Forget",
        done: "forgotten",
        text: "What has arrived of it is thrown away. What was made of it stays.",
      };
  }
}
