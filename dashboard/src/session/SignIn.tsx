import { type FormEvent, useEffect, useRef, useState } from "react";
import { type ApiProblem, asProblem } from "@/api/problem";
import { Button } from "@/look/Button";
import { Field } from "@/look/Field";
import { described, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { Mark } from "@/session/Mark";
import styles from "@/session/session.module.css";

interface Props {
  /** Why somebody who was on the way in, or inside, stands here. */
  problem: ApiProblem | null;
  signIn: (key: string) => Promise<void>;
}

export function SignIn({ problem, signIn }: Props) {
  const [key, setKey] = useState("");
  const [refusal, setRefusal] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = "Sign in · Stillhouse";
    input.current?.focus();
  }, []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      await signIn(key.trim());
    } catch (error) {
      setRefusal(asProblem(error));
      input.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  const [error, hint] = wordsFor(refusal);
  return (
    <main className={styles.place}>
      <form className={styles.card} onSubmit={submit}>
        <h1 className={styles.name}>
          <Mark /> Stillhouse
        </h1>
        {problem && !refusal && <WhyHere problem={problem} />}
        <Field
          label="API key"
          error={error}
          hint={hint}
          help={
            <>
              <code>still up --show-key</code> prints the key of a service of your own. An
              administrator makes more of them.
            </>
          }
        >
          {(ids) => (
            <TextInput
              {...described(ids)}
              ref={input}
              type="password"
              name="key"
              autoComplete="off"
              spellCheck={false}
              placeholder="sh_live_…"
              required
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        <Button kind="primary" type="submit" busy={busy}>
          Sign in
        </Button>
        <p className={styles.quiet}>The key stays in this tab and is forgotten with it.</p>
      </form>
    </main>
  );
}

function WhyHere({ problem }: { problem: ApiProblem }) {
  if (problem.code === "unauthenticated") {
    return (
      <Notice tone="warn" title="You are signed out">
        The key is not taken any more. Sign in with another one, and you are where you were.
      </Notice>
    );
  }
  return (
    <Notice tone="warn" title={problem.title} hint={problem.wayOut}>
      {problem.sentence}
    </Notice>
  );
}

function wordsFor(refusal: ApiProblem | null): [string | null, string | null] {
  if (refusal === null) return [null, null];
  if (refusal.status === 401) {
    return ["This key is not known here, or it has expired.", "Copy it whole, from sh_live_ on."];
  }
  return [refusal.sentence, refusal.wayOut];
}
