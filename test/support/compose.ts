import { parseDocument } from "yaml";
import * as z from "zod";

/** Of the Compose specification what files here use; any other key or form is refused. */
const serviceSchema = z.strictObject({
  build: z.strictObject({ dockerfile_inline: z.string() }).optional(),
  image: z.string(),
  init: z.boolean().optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(["service_started", "service_healthy"]) }))
    .optional(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  command: z.array(z.string()).default([]),
  profiles: z.array(z.string()).optional(),
  volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+$/)).default([]),
  tmpfs: z.array(z.string().regex(/^\/\w+:[\w=,]+$/)).default([]),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()),
      interval: z.string().regex(/^\d+[sm]$/),
      timeout: z.string().regex(/^\d+[sm]$/),
      retries: z.int(),
    })
    .optional(),
  restart: z
    .string()
    .regex(/^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/)
    .optional(),
  deploy: z.strictObject({ replicas: z.int() }).optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
});

const fileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z\d_-]*$/),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeFile = z.infer<typeof fileSchema>;
type ComposeService = z.infer<typeof serviceSchema>;

/** Reads a Compose file. Throws for what is no YAML, has a key twice, or uses what is not known here. */
export function readCompose(text: string): ComposeFile {
  const document = parseDocument(text, { merge: true });
  const [trouble] = [...document.errors, ...document.warnings];
  if (trouble !== undefined) throw trouble;
  const keys = Object.entries(document.toJS() as object).filter(([key]) => !key.startsWith("x-"));
  return fileSchema.parse(Object.fromEntries(keys));
}

/** The shell that Compose is called from. */
export type Shell = Readonly<Record<string, string>>;

/** Puts variables in the place of `${NAME}`, `${NAME:-default}` and `${NAME:?words}`. Throws where one of the last kind is missing. */
function interpolated(text: string, shell: Shell): string {
  return text.replaceAll(/\$(?:\{(\w+)(?::([?-])([^}]*))?\}|.)/g, (whole, name, kind, words) => {
    if (name === undefined) throw new Error(`${whole} is no variable`);
    const value = shell[String(name)] ?? "";
    if (value === "" && kind === "?") throw new Error(`${String(name)} ${String(words)}`);
    return value === "" ? String(words ?? "") : value;
  });
}

/** The arguments that a service's container is started with. */
export const commandOf = ({ command }: ComposeService, shell: Shell): readonly string[] =>
  command.map((argument) => interpolated(argument, shell));

/** The environment of a service's container; what has no value is taken from the shell, where that has it. */
export function environmentOf({ environment }: ComposeService, shell: Shell): Shell {
  const set = Object.entries(environment).flatMap(([name, value]) => {
    const found = value === null ? shell[name] : interpolated(value, shell);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(set);
}
