const ENDINGS = /(?:\.(?:safetensors|onnx|parquet|npz|pth?|zip|tar|tgz|gz|xz|bz2))+$/i;

/** What a file is called without its endings. */
export function plainName(filename: string): string {
  return filename.replace(ENDINGS, "") || filename;
}

/** What the file dialogs offer first. */
export const MODEL_FILES = ".safetensors,.pt,.pth,.onnx,.zip,.tar";
export const DATA_FILES = ".zip,.tar,.tgz,.gz,.xz,.bz2,.parquet,.npz";
