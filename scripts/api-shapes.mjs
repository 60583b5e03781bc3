// Cuts an AWS API model down to what the local Cognito answers.
//
//   node scripts/api-shapes.mjs MODEL.json OUT.json [OPERATION...]
//
// MODEL.json is a botocore-style service model (service-2.json, Apache-2.0). Kept are the operations that
// have a file in emulator/operations and every shape they reach, without prose; of all other operations
// only the names, so that the emulator can say "not yet" instead of "unknown". Operations can be named one by
// one: IAM has a ListUsers too, and it is not Cognito's.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const [modelPath, outPath, ...named] = process.argv.slice(2);
if (modelPath === undefined || outPath === undefined) {
  process.stderr.write("usage: node scripts/api-shapes.mjs MODEL.json OUT.json [OPERATION...]\n");
  process.exit(2);
}

const KEPT_FACTS = ["type", "required", "min", "max", "pattern", "enum", "sensitive", "exception", "fault"];

const model = JSON.parse(readFileSync(modelPath, "utf8"));
const operationFiles = new Set(readdirSync(new URL("../emulator/operations/", import.meta.url)));
const shapes = {};

function keepShape(name) {
  if (shapes[name] !== undefined) return;
  const shape = model.shapes[name];
  const kept = {};
  for (const fact of KEPT_FACTS) if (shape[fact] !== undefined) kept[fact] = shape[fact];
  shapes[name] = kept;
  if (shape.members !== undefined) {
    kept.members = {};
    for (const [member, reference] of Object.entries(shape.members)) {
      kept.members[member] = reference.shape;
      keepShape(reference.shape);
    }
  }
  for (const part of ["member", "key", "value"]) {
    if (shape[part] === undefined) continue;
    kept[part] = shape[part].shape;
    keepShape(shape[part].shape);
  }
}

function fileNameOf(operation) {
  const words = operation
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2");
  return `${words.toLowerCase()}.ts`;
}

// Requests that a user makes with a token of its own carry no signature.
function isUnsigned(operation) {
  return operation.authtype === "none" || operation.auth?.includes("smithy.api#noAuth") === true;
}

const operations = {};
const otherOperations = [];
for (const [name, operation] of Object.entries(model.operations)) {
  if (!operationFiles.has(fileNameOf(name)) || (named.length > 0 && !named.includes(name))) {
    otherOperations.push(name);
    continue;
  }
  operations[name] = {
    ...(isUnsigned(operation) ? { unsigned: true } : {}),
    input: operation.input.shape,
    ...(operation.output === undefined ? {} : { output: operation.output.shape }),
    errors: (operation.errors ?? []).map((error) => error.shape),
  };
  keepShape(operation.input.shape);
  if (operation.output !== undefined) keepShape(operation.output.shape);
}

const api = {
  source: `AWS API model of ${model.metadata.serviceFullName}, ${model.metadata.apiVersion}, as published with botocore (Apache-2.0); reduced by scripts/api-shapes.mjs`,
  ...(model.metadata.protocol === "query"
    ? { query: { version: model.metadata.apiVersion, namespace: model.metadata.xmlNamespace } }
    : { targetPrefix: model.metadata.targetPrefix }),
  signingName: model.metadata.signingName ?? model.metadata.endpointPrefix,
  operations,
  otherOperations: otherOperations.sort(),
  shapes: Object.fromEntries(Object.entries(shapes).sort(([left], [right]) => (left < right ? -1 : 1))),
};
writeFileSync(outPath, `${JSON.stringify(api, undefined, 1)}\n`);
