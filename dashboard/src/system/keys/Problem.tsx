import { asProblem } from "@/api/problem";
import { Notice } from "@/look/Notice";

/** Why a key was not made or changed, with what is wrong at which member. */
export function Problem({ error }: { error: Error | null }) {
  if (error === null) return null;
  const { title, detail, hint, errors } = asProblem(error);
  return (
    <Notice tone="bad" title={detail || title} hint={hint}>
      {errors.map(({ pointer, message, hint: way }) => (
        <p key={pointer + message}>
          <code>{pointer}</code> {message} {way}
        </p>
      ))}
    </Notice>
  );
}
