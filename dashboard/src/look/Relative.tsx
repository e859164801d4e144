import { age, exactTime } from "./format";
import { useNow } from "./now";

/** How long ago something was; the exact time on pointing. */
export function Relative({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exactTime(at)}>
      {age(at, now)}
    </time>
  );
}
