import { Ajv, type ValidateFunction } from "ajv";
import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** All fields readonly, down to the leaves: a summary as the code has it, of a report as its schema says it. */
export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A published schema, as a program that we did not write reads it. */
export class PublishedSchema {
  readonly content: object;
  readonly conforms: ValidateFunction;

  constructor(name: string) {
    this.content = JSON.parse(readFileSync(`dist/${name}.schema.json`, "utf8")) as object;
    const ajv = new Ajv({ strict: true, allErrors: true, formats: { "date-time": true } });
    this.conforms = ajv.compile(this.content);
  }

  /** Expects a report to be what the schema says, and one with another key not to be. */
  expectToHold(report: object): void {
    this.conforms(report);
    expect(this.conforms.errors).toBeNull();
    expect(this.conforms({ ...report, surprise: 1 })).toBe(false);
    expect(this.conforms({ ...report, reportVersion: 2 })).toBe(false);
  }
}
