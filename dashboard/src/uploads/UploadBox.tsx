import { type ChangeEvent, useEffect, useRef, useState } from "react";
import type { Upload, UploadKind } from "@/api/schema";
import { Button } from "@/look/Button";
import { bytes, percent } from "@/look/format";
import { UploadIcon } from "@/look/icons";
import { Notice } from "@/look/Notice";
import { ProgressBar } from "@/look/ProgressBar";
import type { Sent } from "./sending";
import { folderName, membersOf, packed, tooLarge } from "./tar";
import styles from "./uploads.module.css";
import { useSending } from "./useSending";

interface UploadBoxProps {
  kind: UploadKind;
  /** What the file dialog offers first: ".safetensors,.onnx". */
  accept: string;
  /** A folder of images can be chosen too. */
  folders?: boolean;
  /** Said before anything is sent: why this file is not taken; null: it is. */
  refuse?: (filename: string) => string | null;
  onSent: (upload: Upload) => void;
}

interface Chosen {
  file: Blob;
  filename: string;
}

/** Sends a file or a folder, with a bar, a pause, and the way on after an interruption. */
export function UploadBox({ kind, accept, folders = false, refuse, onSent }: UploadBoxProps) {
  const { state, start, pause } = useSending();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  // It takes minutes: who waits for it is told with the form as it is then.
  const lastOnSent = useRef(onSent);
  useEffect(() => {
    lastOnSent.current = onSent;
  }, [onSent]);
  const go = async (next: Chosen) => {
    const upload = await start({ ...next, kind });
    if (upload !== null) lastOnSent.current(upload);
  };
  const take = (next: Chosen) => {
    const reason =
      next.file.size === 0 ? "There is nothing in it." : (refuse?.(next.filename) ?? null);
    setRefusal(reason);
    if (reason !== null) return;
    setChosen(next);
    void go(next);
  };
  const again = chosen !== null && (
    <Button size="small" onClick={() => void go(chosen)}>
      Go on
    </Button>
  );
  return (
    <div className={styles.box}>
      {(state.step === "idle" || state.step === "failed") && (
        <div className={styles.row}>
          <FileButton accept={accept} onChosen={take} />
          {folders && <FolderButton onChosen={take} onRefused={setRefusal} />}
        </div>
      )}
      {refusal !== null && <Notice tone="warn" title={refusal} />}
      {state.step === "failed" && (
        <Notice
          tone="bad"
          title={state.problem.detail || state.problem.title}
          hint={state.problem.hint}
          action={again}
        />
      )}
      {(state.step === "going" || state.step === "paused") && (
        <div className={styles.going}>
          <p className={styles.name} title={chosen?.filename}>
            {chosen?.filename}
          </p>
          <ProgressBar
            fraction={state.sent.stage === "checking" ? null : share(state.sent)}
            label={`Upload of ${chosen?.filename ?? "a file"}`}
          />
          <div className={styles.row}>
            <span className={styles.words} role="status">
              {state.step === "paused" ? "Paused. " : ""}
              {words(state.sent)}
            </span>
            {state.step === "paused" ? (
              again
            ) : (
              <Button size="small" kind="quiet" onClick={pause}>
                Pause
              </Button>
            )}
          </div>
        </div>
      )}
    </div>
  );
}

function share({ done, total }: Sent): number {
  return total === 0 ? 0 : done / total;
}

function words(sent: Sent): string {
  const far = `${bytes(sent.done)} of ${bytes(sent.total)} (${percent(share(sent), 0)})`;
  switch (sent.stage) {
    case "reading":
      return `Reading its digest: ${far}`;
    case "sending":
      return `Sending: ${far}`;
    case "checking":
      return "Checking the whole";
  }
}

function FileButton({ accept, onChosen }: { accept: string; onChosen: (chosen: Chosen) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file !== undefined) onChosen({ file, filename: file.name });
    event.target.value = ""; // so that the same file can be chosen again
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        className="unseen"
        tabIndex={-1}
        accept={accept}
        aria-label="File to upload"
        onChange={take}
      />
      <Button onClick={() => input.current?.click()}>
        <UploadIcon /> Upload a file
      </Button>
    </>
  );
}

interface FolderButtonProps {
  onChosen: (chosen: Chosen) => void;
  onRefused: (reason: string) => void;
}

function FolderButton({ onChosen, onRefused }: FolderButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // React knows no attribute of this name.
    if (input.current !== null) input.current.webkitdirectory = true;
  }, []);
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = "";
    const members = membersOf(files);
    if (members.length === 0) {
      onRefused("There are no files in this folder.");
      return;
    }
    const huge = tooLarge(members);
    if (huge !== null) onRefused(`${huge.name} is too large for a folder of images.`);
    else onChosen({ file: packed(members), filename: `${folderName(files)}.tar` });
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        className="unseen"
        tabIndex={-1}
        aria-label="Folder to upload"
        onChange={take}
      />
      <Button onClick={() => input.current?.click()}>
        <UploadIcon /> Upload a folder
      </Button>
    </>
  );
}
