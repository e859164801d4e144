const ENDINGS = /(?:\.(?:safetensors|onnx|parquet|npz|pth?|zip|tar|tgz|gz|xz|bz2))+$/i;

/** What a file is called without its endings. */
export function plainName(filename: string): string {
  return filename.replace(ENDINGS, "") || filename;
}
