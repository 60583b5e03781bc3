import type { Api, Shape } from "./api.ts";
import { ApiError } from "./error.ts";

/**
 * Checks a request against the API's shapes, the way AWS does before anything happens.
 *
 * A value of the wrong JSON type is a SerializationException; missing members, lengths, ranges, patterns and
 * enums are collected into one InvalidParameterException whose wording is the one reported by users
 * ("2 validation errors detected: Value … at '…' failed to satisfy constraint: …"). Members that AWS does not
 * know are ignored, as other JSON services of AWS do (guess). Sensitive values are never echoed (reported).
 */
export function validateRequest(api: Api, inputShape: string, request: unknown): void {
  const violations: Violation[] = [];
  checkValue({ api, violations }, { shapeName: inputShape, value: request, path: "" });
  if (violations.length === 0) return;
  const count = violations.length === 1 ? "1 validation error" : `${violations.length} validation errors`;
  const details = violations.map(({ subject, path, constraint }) => {
    return `${subject} at '${path}' failed to satisfy constraint: ${constraint}`;
  });
  throw new ApiError("InvalidParameterException", `${count} detected: ${details.join("; ")}`);
}

interface Violation {
  readonly subject: string;
  readonly path: string;
  readonly constraint: string;
}

interface Check {
  readonly api: Api;
  readonly violations: Violation[];
}

interface Place {
  readonly shapeName: string;
  readonly value: unknown;
  readonly path: string;
}

function checkValue(check: Check, place: Place): void {
  const shape = shapeNamed(check.api, place.shapeName);
  switch (shape.type) {
    case "structure":
      return checkStructure(check, shape, place);
    case "list":
      return checkList(check, shape, place);
    case "map":
      return checkMap(check, shape, place);
    case "string":
      return checkString(check, shape, place);
    case "boolean":
      if (typeof place.value !== "boolean") throw cannotConvert(place.value, "a Boolean");
      return undefined;
    case "integer":
    case "long":
      return checkInteger(check, shape, place);
    default:
      throw new TypeError(`the API model has a request member of type ${shape.type} at '${place.path}'`);
  }
}

function checkStructure(check: Check, shape: Shape, { value, path }: Place): void {
  const members = asObject(value);
  for (const [name, shapeName] of Object.entries(shape.members ?? {})) {
    const memberPath = path === "" ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
    const member = members[name];
    if (member !== undefined && member !== null) {
      checkValue(check, { shapeName, value: member, path: memberPath });
    } else if (shape.required?.includes(name) === true) {
      const { sensitive } = shapeNamed(check.api, shapeName);
      check.violations.push({
        subject: sensitive === true ? "Value" : "Value null",
        path: memberPath,
        constraint: "Member must not be null",
      });
    }
  }
}

function checkList(check: Check, shape: Shape, { value, path }: Place): void {
  if (!Array.isArray(value)) throw new ApiError("SerializationException", "Expected list or null");
  const items: readonly unknown[] = value;
  const member = shape.member ?? "";
  checkLength(check, shape, {
    subject: `Value '[${items.map(print).join(", ")}]'`,
    path,
    length: items.length,
  });
  items.forEach((item, index) => {
    checkValue(check, { shapeName: member, value: item, path: `${path}.${index + 1}.member` });
  });
}

function checkMap(check: Check, shape: Shape, { value, path }: Place): void {
  for (const [key, item] of Object.entries(asObject(value))) {
    checkValue(check, { shapeName: shape.key ?? "", value: key, path: `${path}.${key}.key` });
    checkValue(check, { shapeName: shape.value ?? "", value: item, path: `${path}.${key}.member` });
  }
}

function checkString(check: Check, shape: Shape, { value, path }: Place): void {
  if (typeof value !== "string") throw cannotConvert(value, "a String");
  const subject = shape.sensitive === true ? "Value" : `Value '${value}'`;
  checkLength(check, shape, { subject, path, length: value.length });
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value)) {
    const constraint = `Member must satisfy regular expression pattern: ${shape.pattern}`;
    check.violations.push({ subject, path, constraint });
  }
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    const constraint = `Member must satisfy enum value set: [${shape.enum.join(", ")}]`;
    check.violations.push({ subject, path, constraint });
  }
}

function checkInteger(check: Check, shape: Shape, { value, path }: Place): void {
  if (typeof value !== "number" || !Number.isInteger(value)) throw cannotConvert(value, "an Integer");
  const subject = `Value '${value}'`;
  if (shape.min !== undefined && value < shape.min) {
    const constraint = `Member must have value greater than or equal to ${shape.min}`;
    check.violations.push({ subject, path, constraint });
  }
  if (shape.max !== undefined && value > shape.max) {
    const constraint = `Member must have value less than or equal to ${shape.max}`;
    check.violations.push({ subject, path, constraint });
  }
}

function checkLength(
  check: Check,
  shape: Shape,
  { subject, path, length }: { readonly subject: string; readonly path: string; readonly length: number },
): void {
  if (shape.max !== undefined && length > shape.max) {
    const constraint = `Member must have length less than or equal to ${shape.max}`;
    check.violations.push({ subject, path, constraint });
  }
  if (shape.min !== undefined && length < shape.min) {
    const constraint = `Member must have length greater than or equal to ${shape.min}`;
    check.violations.push({ subject, path, constraint });
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError("SerializationException", "Unexpected value type in payload");
  }
  // A JSON object that is no array is a record of unknown values.
  return value as Readonly<Record<string, unknown>>;
}

function cannotConvert(value: unknown, target: string): ApiError {
  if (typeof value === "object") {
    return new ApiError("SerializationException", "Start of structure or map found where not expected.");
  }
  const kind =
    typeof value === "boolean"
      ? `${String(value).toUpperCase()}_VALUE`
      : `${typeof value}_VALUE`.toUpperCase();
  return new ApiError("SerializationException", `${kind} can not be converted to ${target}`);
}

function print(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function shapeNamed(api: Api, name: string): Shape {
  const shape = api.shapes[name];
  if (shape === undefined) throw new TypeError(`the API model has no shape ${name}`);
  return shape;
}

const patterns = new Map<string, RegExp>();

// AWS's patterns are Java's and match the whole value; (?s) at the start is JavaScript's s flag.
function patternOf(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    const dotMatchesAll = pattern.startsWith("(?s)");
    compiled = new RegExp(`^(?:${dotMatchesAll ? pattern.slice(4) : pattern})$`, dotMatchesAll ? "su" : "u");
    patterns.set(pattern, compiled);
  }
  return compiled;
}
