import type { Model, Shape } from "./api-model.ts";
import type { Quirks } from "./quirks.ts";

/** How something on the wire is not what AWS's API model says. */
export interface Violation {
  readonly kind: string;
  readonly detail: string;
}

/** What a value is held against. */
export interface ShapeCheck {
  readonly model: Model;
  readonly quirks: Quirks;
  /** Whether a member that the model does not have is a violation. */
  readonly findsUnknown: boolean;
}

interface Place {
  readonly shapeName: string;
  readonly shape: Shape;
  readonly path: string;
}

/** Every place where a value breaks its shape. */
export function checkShape(
  check: ShapeCheck,
  shapeName: string,
  value: unknown,
  path = "",
): readonly Violation[] {
  const shape = check.model.shapes[shapeName];
  if (shape === undefined) return [{ kind: "model", detail: `${path}: no shape ${shapeName}` }];
  const place = { shapeName, shape, path };
  switch (shape.type) {
    case "structure":
      return isObject(value) ? checkMembers(check, place, value) : [wrongType(place, value)];
    case "list":
      return Array.isArray(value) ? checkItems(check, place, value) : [wrongType(place, value)];
    case "map":
      return isObject(value) ? checkEntries(check, place, value) : [wrongType(place, value)];
    case "string":
      return typeof value === "string" ? checkText(check, place, value) : [wrongType(place, value)];
    case "boolean":
      return typeof value === "boolean" ? [] : [wrongType(place, value)];
    case "integer":
    case "long":
      return Number.isSafeInteger(value) ? checkRange(place, Number(value)) : [wrongType(place, value)];
    case "float":
    case "double":
      return typeof value === "number" ? checkRange(place, value) : [wrongType(place, value)];
    case "timestamp":
      return typeof value === "number" ? checkTime(place, value) : [wrongType(place, value)];
    default:
      return [{ kind: "model", detail: `${path}: nothing is known of the type ${shape.type}` }];
  }
}

function checkMembers(
  check: ShapeCheck,
  { shape, path }: Place,
  value: Readonly<Record<string, unknown>>,
): readonly Violation[] {
  const members = shape.members ?? {};
  const missing = (shape.required ?? []).filter((name) => (value[name] ?? undefined) === undefined);
  return [
    ...missing.map((name) => ({ kind: "required", detail: `${path}.${name}` })),
    ...Object.entries(value).flatMap(([name, member]) => {
      const shapeName = Object.hasOwn(members, name) ? members[name] : undefined;
      if (shapeName !== undefined) {
        return member === null ? [] : checkShape(check, shapeName, member, `${path}.${name}`);
      }
      return check.findsUnknown ? [{ kind: "unknown", detail: `${path}.${name}` }] : [];
    }),
  ];
}

function checkItems(check: ShapeCheck, place: Place, items: readonly unknown[]): readonly Violation[] {
  const { shape, path } = place;
  return [
    ...checkLength(check, place, items.length),
    ...items.flatMap((item, index) => checkShape(check, shape.member ?? "", item, `${path}[${index}]`)),
  ];
}

function checkEntries(
  check: ShapeCheck,
  place: Place,
  value: Readonly<Record<string, unknown>>,
): readonly Violation[] {
  const { shape, path } = place;
  return [
    ...checkLength(check, place, Object.keys(value).length),
    ...Object.entries(value).flatMap(([key, item]) => [
      ...checkShape(check, shape.key ?? "", key, `${path}{${key}}`),
      ...checkShape(check, shape.value ?? "", item, `${path}.${key}`),
    ]),
  ];
}

function checkText(check: ShapeCheck, place: Place, text: string): readonly Violation[] {
  const { shape, shapeName, path } = place;
  const isQuirk = check.quirks.shapes[shapeName]?.ignores === "pattern";
  const breaksPattern = shape.pattern !== undefined && !isQuirk && !expressionOf(shape.pattern).test(text);
  return [
    // A character is one to AWS, whether JavaScript needs one unit for it or two.
    ...checkLength(check, place, Array.from(text).length),
    ...(breaksPattern ? [{ kind: "pattern", detail: `${path}: ${shape.pattern} for '${text}'` }] : []),
    ...(shape.enum?.includes(text) === false
      ? [{ kind: "enum", detail: `${path}: '${text}' of ${shape.enum.join(", ")}` }]
      : []),
  ];
}

function checkLength(
  { quirks }: ShapeCheck,
  { shape, shapeName, path }: Place,
  length: number,
): readonly Violation[] {
  const longest = quirks.shapes[shapeName]?.ignores === "max" ? Infinity : (shape.max ?? Infinity);
  const fits = length >= (shape.min ?? 0) && length <= longest;
  return fits ? [] : [{ kind: "length", detail: `${path}: ${length} of ${shape.min ?? 0} to ${longest}` }];
}

function checkRange({ shape, path }: Place, value: number): readonly Violation[] {
  const fits = value >= (shape.min ?? -Infinity) && value <= (shape.max ?? Infinity);
  return fits ? [] : [{ kind: "range", detail: `${path}: ${value} of ${shape.min} to ${shape.max}` }];
}

const YEAR_2200 = Date.UTC(2200) / 1000;

// Seconds with milliseconds; a test may set its clock to 0, but a time in milliseconds would lie thousands of years ahead.
function checkTime({ path }: Place, seconds: number): readonly Violation[] {
  const isNear = seconds >= 0 && seconds < YEAR_2200;
  const isInMilliseconds = Math.abs(seconds * 1000 - Math.round(seconds * 1000)) < 0.01;
  return isNear && isInMilliseconds ? [] : [{ kind: "timestamp", detail: `${path}: ${seconds}` }];
}

function wrongType({ shape, path }: Place, value: unknown): Violation {
  return { kind: "type", detail: `${path}: ${JSON.stringify(value)} is no ${shape.type}` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const expressions = new Map<string, RegExp>();

// The model's patterns are meant for the whole value, and (?s) is a flag of its own in JavaScript.
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  const [, flag = "", rest = ""] = /^(\(\?s\))?(.*)$/s.exec(pattern) ?? [];
  const expression = new RegExp(`^(?:${rest})$`, flag === "" ? "u" : "us");
  expressions.set(pattern, expression);
  return expression;
}
