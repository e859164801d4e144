import { useCallback, useEffect, useRef, useState } from "react";
import { bodyOf } from "@/api/client";
import { type ApiProblem, asProblem } from "@/api/problem";
import type { Upload, UploadKind } from "@/api/schema";
import { useApi } from "@/session/session";
import { uploadRequests } from "./requests";
import { type Sent, send } from "./sending";

export type SendingState =
  | { readonly step: "idle" }
  | { readonly step: "going"; readonly sent: Sent }
  | { readonly step: "paused"; readonly sent: Sent }
  | { readonly step: "failed"; readonly problem: ApiProblem };

interface Parcel {
  file: Blob;
  filename: string;
  kind: UploadKind;
}

/** One upload of a screen. Leaving the screen pauses it: the same file goes on where it was. */
export function useSending() {
  const api = useApi();
  const [state, setState] = useState<SendingState>({ step: "idle" });
  const going = useRef<AbortController | null>(null);
  const pause = useCallback(() => going.current?.abort(), []);
  useEffect(() => pause, [pause]);

  const start = async (parcel: Parcel): Promise<Upload | null> => {
    const controller = new AbortController();
    going.current = controller;
    let sent: Sent = { stage: "reading", done: 0, total: parcel.file.size };
    const tell = (now: Sent) => {
      sent = now;
      setState({ step: "going", sent });
    };
    tell(sent);
    try {
      const { limits } = bodyOf(await api.GET("/v1/capabilities", { signal: controller.signal }));
      const requests = uploadRequests(api, controller.signal);
      const upload = await send({ ...parcel, limits, requests, tell, signal: controller.signal });
      setState({ step: "idle" });
      return upload;
    } catch (error) {
      setState(
        controller.signal.aborted
          ? { step: "paused", sent }
          : { step: "failed", problem: asProblem(error) },
      );
      return null;
    }
  };
  return { state, start, pause };
}
