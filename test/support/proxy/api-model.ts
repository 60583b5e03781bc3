import { readdirSync, readFileSync } from "node:fs";

/** A shape of AWS's API model, as the files in emulator/api keep it. */
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
}

/** An API of AWS. */
export interface Model {
  readonly targetPrefix?: string;
  /** Only of an API of the Query protocol. */
  readonly query?: { readonly version: string; readonly namespace: string };
  readonly operations: Readonly<
    Record<string, { readonly input?: string; readonly output?: string; readonly errors: readonly string[] }>
  >;
  readonly otherOperations: readonly string[];
  readonly shapes: Readonly<Record<string, Shape>>;
}

const FOLDER = new URL("../../../emulator/api/", import.meta.url);

/** Every API file there is: a new one is checked as it comes. */
export const MODELS: readonly Model[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Model);
