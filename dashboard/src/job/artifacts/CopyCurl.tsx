import { Button } from "@/look/Button";
import { useCopy } from "@/look/clipboard";
import { CheckIcon, CopyIcon } from "@/look/icons";

/** The command for a terminal: another thing to copy than the digest beside it, so it is named. */
export function CopyCurl({ command, of: what }: { command: string; of: string }) {
  const { copied, copyText } = useCopy(command);
  return (
    <Button
      kind="quiet"
      size="small"
      title={command}
      aria-label={`Copy the curl command of ${what}`}
      onClick={copyText}
    >
      {copied === "yes" ? <CheckIcon size={14} /> : <CopyIcon size={14} />} curl
      <span className="unseen" role="status">
        {copied === "yes" && "Copied"}
        {copied === "failed" && "The browser did not copy it"}
      </span>
    </Button>
  );
}
