import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";

/** As the service reports one: the place, what is wrong, the way out. */
export interface PlacedProblem {
  readonly pointer: string | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

type Claims = ReadonlyMap<string, number>;
type Claim = (pointer: string) => () => void;

const NONE: readonly PlacedProblem[] = [];
const ByPointer = createContext<ReadonlyMap<string, readonly PlacedProblem[]>>(new Map());
const Claiming = createContext<Claim>(() => () => undefined);
const Unplaced = createContext<readonly PlacedProblem[]>(NONE);

/** Gives each problem to the field at its pointer. Fields say where they are as they appear. */
export function Problems(props: { problems: readonly PlacedProblem[]; children: ReactNode }) {
  const { problems, children } = props;
  const [claims, setClaims] = useState<Claims>(new Map());
  const claim = useCallback((pointer: string) => {
    setClaims((before) => counted(before, pointer, 1));
    return () => setClaims((before) => counted(before, pointer, -1));
  }, []);
  const byPointer = useMemo(() => grouped(problems), [problems]);
  const unplaced = useMemo(
    () => problems.filter(({ pointer }) => pointer === null || !claims.has(pointer)),
    [problems, claims],
  );
  return (
    <Claiming value={claim}>
      <ByPointer value={byPointer}>
        <Unplaced value={unplaced}>{children}</Unplaced>
      </ByPointer>
    </Claiming>
  );
}

/** What is wrong here; whoever asks must show it, since nobody else will. */
export function useProblemsAt(pointer: string): readonly PlacedProblem[] {
  const claim = useContext(Claiming);
  useEffect(() => claim(pointer), [claim, pointer]);
  return useContext(ByPointer).get(pointer) ?? NONE;
}

/** What no field shows. */
export function useUnplaced(): readonly PlacedProblem[] {
  return useContext(Unplaced);
}

function grouped(problems: readonly PlacedProblem[]) {
  const found = new Map<string, PlacedProblem[]>();
  for (const problem of problems) {
    if (problem.pointer === null) continue;
    found.set(problem.pointer, [...(found.get(problem.pointer) ?? []), problem]);
  }
  return found;
}

function counted(claims: Claims, pointer: string, by: number): Claims {
  const next = new Map(claims);
  const count = (claims.get(pointer) ?? 0) + by;
  if (count > 0) next.set(pointer, count);
  else next.delete(pointer);
  return next;
}

/** For a Field: all that is wrong, and the ways out that its help does not say already. */
export function told(problems: readonly PlacedProblem[], help = "") {
  const hints = problems.map(({ hint }) => hint).filter((hint) => hint !== "" && hint !== help);
  return {
    error: problems.length === 0 ? null : problems.map(({ message }) => message).join("\n"),
    hint: hints.length === 0 ? null : hints.join("\n"),
  };
}
