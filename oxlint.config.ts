import { defineConfig } from "oxlint";

/**
 * Who may import whom, beside itself and packages: the architecture as a failing lint.
 * docs/architecture.md says why; a new room is one line here.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  drivers: ["core"],
  cognito: ["core"],
  extract: ["core", "drivers", "cognito"],
  transform: ["core"],
  propose: ["core", "transform"],
  forecast: ["core", "cognito/quota.ts", "cognito/follow-up-operations.ts", "transform/import-csv.ts"],
  ledger: ["core", "drivers"],
  load: ["core", "cognito", "transform/import-csv.ts", "ledger/ledger.ts"],
  report: ["core", "ledger"],
  serve: ["core"],
  check: ["core", "cognito", "extract", "transform", "load/upload-host.ts"],
  sync: ["core", "cognito", "ledger"],
  run: [
    "core",
    "drivers",
    "cognito",
    "extract",
    "transform",
    "propose",
    "forecast",
    "ledger",
    "load",
    "report",
    "serve",
    "sync",
    "check",
  ],
};

const ROOMS = [...Object.keys(MAY_IMPORT), "cli"];

function forbiddenFor(room: string): { group: string[]; message: string } {
  const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
  const rooms = ROOMS.filter((other) => !allowed.includes(other));
  const exceptions = allowed.filter((path) => path.includes("/"));
  return {
    group: [
      ...rooms.flatMap((other) => [`**/${other}/**`]),
      "**/emulator/**",
      "**/index.ts",
      ...exceptions.map((path) => `!**/${path}`),
    ],
    message: `src/${room} may import only: ${allowed.join(", ")} (see docs/architecture.md)`,
  };
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  options: { typeAware: true },
  ignorePatterns: ["dist", "node_modules", "fixtures"],
  rules: {
    "import/no-cycle": "error",
    "import/no-unassigned-import": "off",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-explicit-any": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/only-throw-error": "error",
    "no-console": "error",
    "node/no-process-env": "error",
    // Awaiting inside a loop is how a pulled pipeline works.
    "no-await-in-loop": "off",
    // Checked by tsc more precisely.
    "no-shadow": "off",
    "oxc/no-map-spread": "off",
    "typescript/consistent-return": "off",
    "consistent-return": "off",
    // `using _hold` is a resource that is only held.
    "no-underscore-dangle": "off",
    // Casts stand at the edge, where a parser vouches for them.
    "typescript/no-unsafe-type-assertion": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/consistent-function-scoping": "off",
  },
  overrides: [
    ...Object.keys(MAY_IMPORT).map((room) => ({
      files: [`src/${room}/**/*.ts`],
      rules: { "no-restricted-imports": ["error", { patterns: [forbiddenFor(room)] }] as const },
    })),
    {
      files: ["src/cli/**/*.ts", "bin/**"],
      rules: { "node/no-process-env": "off" as const },
    },
    {
      // Only the commands that start the local Cognito know it.
      files: ["src/cli/**/*.ts"],
      rules: {
        "no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                group: ["**/emulator/**"],
                message: "only cli/emulator.ts and cli/demo.ts start the emulator",
              },
            ],
          },
        ] as const,
      },
    },
    {
      files: ["src/cli/emulator.ts", "src/cli/demo.ts"],
      rules: { "no-restricted-imports": "off" as const },
    },
    {
      files: ["emulator/**/*.ts"],
      rules: {
        "no-restricted-imports": [
          "error",
          { patterns: [{ group: ["**/src/**"], message: "the emulator knows nothing of src" }] },
        ] as const,
      },
    },
    {
      files: ["test/**/*.ts", "bench/**", "scripts/**", "*.config.ts"],
      rules: {
        "no-console": "off" as const,
        "typescript/require-array-sort-compare": "off" as const,
        "import/no-named-as-default-member": "off" as const,
        "node/no-process-env": "off" as const,
      },
    },
  ],
});
