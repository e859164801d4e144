/** report.json: what a job has measured. A number that was not measured is absent, or null. */
type Maybe<T> = T | null | undefined;

export interface Measured {
  batch: number;
  throughput_batch: number;
  threads: number;
  repeats: number;
  samples: number;
  /** What ran the model, on the CPU; absent where it was PyTorch on the run's own device. */
  runtime?: Maybe<string>;
}

export interface ClassMeasure {
  name: string;
  samples: number;
  recall: number;
  precision?: Maybe<number>;
  f1: number;
}

/** How a model answers to the samples of a split; fractions are 0 to 1. */
export interface Worth {
  top1?: Maybe<number>;
  top5?: Maybe<number>;
  macro_f1?: Maybe<number>;
  ece?: Maybe<number>;
  agreement_teacher?: Maybe<number>;
  per_class?: Maybe<ClassMeasure[]>;
}

/** Flat numbers of one model: also what it costs. A megabyte is 10^6 bytes. */
export interface Measures extends Worth {
  parameters?: Maybe<number>;
  macs?: Maybe<number>;
  size_mb: number;
  latency_ms_p50: number;
  latency_ms_p95: number;
  images_per_s: number;
  peak_mb?: Maybe<number>;
  measured: Measured;
}

export interface TeacherReport extends Measures {
  architecture: string;
  share: number;
}

export interface ArtifactReport extends Worth {
  name: string;
  format: string;
  status: "ready" | "failed";
  reason?: Maybe<string>;
  sha256?: Maybe<string>;
  agreement_student?: Maybe<number>;
  parameters?: Maybe<number>;
  macs?: Maybe<number>;
  size_mb?: Maybe<number>;
  latency_ms_p50?: Maybe<number>;
  latency_ms_p95?: Maybe<number>;
  images_per_s?: Maybe<number>;
  peak_mb?: Maybe<number>;
  measured?: Maybe<Measured>;
}

/** Top-1 of the student less that of the same student on labels alone. */
export interface Gain {
  top1: number;
  /** The 95 % interval reaches from low to high. */
  low: number;
  high: number;
  over: "seeds" | "samples";
}

export interface OnTest {
  samples: number;
  teacher?: Maybe<Worth>;
  student: Worth;
  baseline?: Maybe<Worth>;
  kd_gain?: Maybe<Gain>;
}

export interface Cell {
  true: string;
  answered: string;
  count: number;
  reference?: Maybe<number>;
}

/** A row for each true class, a column for each answer; whole up to 50 classes. */
export interface Confusion {
  matrix?: Maybe<number[][]>;
  difference?: Maybe<number[][]>;
  largest: Cell[];
  changed?: Maybe<Cell[]>;
}

export interface CalibrationBin {
  count: number;
  confidence?: Maybe<number>;
  accuracy?: Maybe<number>;
}

export interface ModelDiagnosis {
  name: string;
  confusion: Confusion;
  calibration: CalibrationBin[];
}

export interface ClassLost {
  name: string;
  samples: number;
  reference: number;
  student: number;
  difference: number;
}

export interface Said {
  answer: string;
  confidence: number;
}

export interface Flip {
  sample: string;
  kind: "lost" | "gained" | "both_wrong" | "unlabelled";
  true?: Maybe<string>;
  reference: Said;
  student: Said;
  margin: number;
  /** A PNG of at most 96 pixels, in base64. */
  thumbnail?: Maybe<string>;
}

export interface Flips {
  lost?: Maybe<number>;
  gained?: Maybe<number>;
  both_wrong?: Maybe<number>;
  differing: number;
  shown: Flip[];
}

export interface Diagnosis {
  samples: number;
  classes: number;
  reference?: Maybe<"teacher" | "baseline">;
  models?: Maybe<ModelDiagnosis[]>;
  classes_lost?: Maybe<ClassLost[]>;
  flips?: Maybe<Flips>;
}

export interface FrontPoint {
  name: string;
  worth: number;
  cost: number;
  on_front: boolean;
}

export interface Front {
  worth: "top1" | "agreement_teacher";
  cost: "size_mb" | "latency_ms_p50";
  device?: Maybe<string>;
  points: FrontPoint[];
}

export interface Report {
  schema: 1;
  name: string;
  fingerprint: string;
  teacher: Measures | null;
  teachers?: Maybe<TeacherReport[]>;
  student: Measures;
  device?: Maybe<string>;
  baseline: Measures | null;
  kd_gain: Gain | null;
  test?: Maybe<OnTest>;
  artifacts: ArtifactReport[];
  diagnosis?: Maybe<Diagnosis>;
  fronts?: Maybe<Front[]>;
}

/** What the bytes of report.json say, when they are of a version that this page knows. */
export function reportIn(document: unknown): Report | null {
  return isReport(document) ? document : null;
}

function isReport(document: unknown): document is Report {
  return (
    typeof document === "object" &&
    document !== null &&
    "schema" in document &&
    document.schema === 1 &&
    "student" in document &&
    "artifacts" in document &&
    Array.isArray(document.artifacts)
  );
}
