declare module "aws4" {
  interface Request {
    readonly service: string;
    readonly region?: string;
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signQuery?: boolean;
  }
  interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }
  export function sign(
    request: Request,
    credentials: Credentials,
  ): {
    readonly path?: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}
