import { readFileSync } from "node:fs";

/** One shape of an AWS API model, with members and parts given by shape name. */
export interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
}

/** One operation of an AWS API model. */
interface OperationShape {
  /** Whether a request needs no signature, as those that users make themselves. */
  readonly unsigned?: boolean;
  readonly input: string;
  readonly output?: string;
  readonly errors: readonly string[];
}

/** The part of an AWS API model that the emulator answers; scripts/api-shapes.mjs makes it. */
export interface Api {
  /** What stands before the operation's name in the target header of the JSON protocol. */
  readonly targetPrefix?: string;
  /** What an API of the Query protocol is told by, in place of a target. */
  readonly query?: { readonly version: string; readonly namespace: string };
  readonly signingName: string;
  readonly operations: Readonly<Record<string, OperationShape>>;
  /** The names of the operations that AWS has and the emulator has not. */
  readonly otherOperations: readonly string[];
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The APIs that the emulator speaks. */
export const APIS: readonly Api[] = [readApi("cognito-idp"), readApi("logs"), readApi("sts"), readApi("iam")];

// The files are ours and generated, so their form is trusted.
function readApi(name: string): Api {
  return JSON.parse(readFileSync(new URL(`../api/${name}.json`, import.meta.url), "utf8")) as Api;
}
