/** An error of the upload's storage, answered as S3 does, in XML. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: string;
  readonly status: number;
  /** Further elements of the answer. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    options: { readonly status: number; readonly details?: Readonly<Record<string, string>> },
  ) {
    super(message);
    this.code = code;
    this.status = options.status;
    this.details = options.details ?? {};
  }
}

/** Writes an error the way S3 does. */
export function toXml(error: StorageError, requestId: string): string {
  const elements = { Code: error.code, Message: error.message, ...error.details, RequestId: requestId };
  const body = Object.entries(elements).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body.join("")}</Error>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
