// Writes the reference of the library from the TSDoc of what it exports: docs/api/*.md.
//
//   node scripts/api-reference.mjs           writes the pages
//   node scripts/api-reference.mjs --check   fails when one is not what it would write, or an export lacks its sentence
//
// Reads the published types in dist, so build first. (TypeDoc and API Extractor do not take TypeScript 7; ts-morph brings a
// compiler of its own, for reading.)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Node, Project, ts } from "ts-morph";

/** The pages: where each begins, and its sections with the exports that lead them; types follow whoever names them first. */
const PAGES = [
  {
    path: "docs/api/library.md",
    title: "The library",
    module: "poolferry",
    entry: "dist/src/index.d.ts",
    sections: {
      Migrate: ["plan", "apply", "status", "verify", "previewUndo", "undo", "purge"],
      "Import jobs": ["listJobs", "describeJob", "stopJob"],
      "Out of a pool": ["exportUsers"],
      "Keep in step": ["sync", "syncHistory"],
      "Config files": ["readConfig", "Config", "Mapping", "Rule", "StatedPolicies"],
      "Your own code": ["loadHook", "Hook", "SourceModule"],
      "What a run tells": ["RunObserver", "RunEvent"],
      Trouble: ["FerryError", "ErrorCode", "EXIT_CODES", "ExitCode", "ISSUES", "IssueCode", "Severity"],
    },
  },
  {
    path: "docs/api/emulator.md",
    title: "The local Cognito",
    module: "poolferry/emulator",
    entry: "dist/emulator/index.d.ts",
    sections: {
      Start: ["startEmulator", "Emulator", "EmulatorOptions", "readRules", "readDump"],
      "Steer and ask": ["Control", "Clock", "EmulatorStats", "OperationStats", "OutboxMessage", "DumpLine"],
      Faults: ["PlannedFault", "Fault", "Hooks", "Hook", "Call", "HeldRequest", "Release", "Spoiler"],
      "Rules and request rates": ["Rules", "RuleSettings", "Texts", "QuotaSettings", "QuotaChange"],
      State: ["Account", "Pool", "PoolSettings", "User", "ImportJob", "LogStore"],
    },
  },
];

/** A type that takes more has no room in a cell; of configs, docs/configuration.md says what stands there. */
const MAX_TYPE_CHARACTERS = 200;

const project = new Project({
  compilerOptions: {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  },
});

/** What is exported, by its name, in the order of the module. */
function exportsOf(entry) {
  const exported = project.addSourceFileAtPath(entry).getExportedDeclarations();
  return new Map([...exported].map(([name, [declaration]]) => [name, declaration]));
}

/** The statement that holds a declaration, and with it its comment. */
function statementOf(declaration) {
  return Node.isVariableDeclaration(declaration) ? declaration.getVariableStatementOrThrow() : declaration;
}

function docsOf(node) {
  return Node.isJSDocable(node) ? node.getJsDocs().at(-1) : undefined;
}

/** The names of other exports in a text of types. */
function namedIn(text, exported) {
  return [...new Set(text.match(/\b[A-Za-z_]\w*\b/g) ?? [])].filter((name) => exported.has(name));
}

/** All text that names types: of an alias also what it comes to, but of a class only what it shows. */
function typeTextOf(declaration) {
  return membersOf(declaration).length > 0 && Node.isTypeAliasDeclaration(declaration)
    ? membersOf(declaration)
        .map(({ type }) => type)
        .join(" ")
    : declaration.getText();
}

/** Which exports stand in which section: the leaders, and behind them what they name and nobody named before. */
function arrange(exported, sections) {
  const leaders = new Set(Object.values(sections).flat());
  for (const name of leaders) if (!exported.has(name)) throw new Error(`nothing exports ${name}`);
  const placed = new Set();
  const place = (name) => {
    if (placed.has(name)) return [];
    placed.add(name);
    const others = namedIn(typeTextOf(exported.get(name)), exported).filter((other) => !leaders.has(other));
    return [name, ...others.flatMap(place)];
  };
  const arranged = Object.entries(sections).map(([title, names]) => [title, names.flatMap(place)]);
  const rest = [...exported.keys()].flatMap(place);
  return rest.length === 0 ? arranged : [...arranged, ["More", rest]];
}

const anchorOf = (name) => name.toLowerCase();

/** TSDoc as Markdown: links become links where they lead to this page. */
function proseOf(docs, exported) {
  const text = (docs?.getDescription() ?? "").trim();
  const linked = text.replaceAll(/(?<![\w/(])docs\/([\w-]+\.md)/g, "[$&](../$1)");
  return linked.replaceAll(/\{@link ([\w.]+)\s*(?:\|\s*([^}]*))?\}/g, (_, name, title) => {
    const shown = title ?? `\`${name}\``;
    return exported.has(name) ? `[${shown}](#${anchorOf(name)})` : shown;
  });
}

function examplesOf(docs) {
  const tags = docs?.getTags().filter((tag) => tag.getTagName() === "example") ?? [];
  return tags.map((tag) => (tag.getCommentText() ?? "").trim());
}

/** A type in a cell of a table: exports are links, and all else is code. */
function typeCell(type, exported) {
  const flat = type.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/\s+/g, " ");
  const pieces = flat.split(new RegExp(`(?<!")\\b(${[...exported.keys()].join("|")})\\b`));
  return pieces
    .map((text, place) => {
      // What is captured stands at odd places.
      if (place % 2 === 1) return `[\`${text}\`](#${anchorOf(text)})`;
      const code = text.trim().replaceAll("|", "\\|");
      return code === "" ? "" : `\`${code}\``;
    })
    .filter(Boolean)
    .join(" ");
}

const cellOf = (text) => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");

/** A member with its type as it is written; of what is calculated, as the compiler says it. */
function memberOf(symbol, prefix, at) {
  const [declaration] = symbol.getDeclarations();
  const optional = symbol.isOptional() ? "?" : "";
  const called = symbol.getName().replace(/^__@(\w+)@\d+$/, "[Symbol.$1]");
  const name = `${prefix}${called}${optional}`;
  const docs = declaration === undefined ? undefined : docsOf(declaration);
  if (
    declaration !== undefined &&
    (Node.isMethodDeclaration(declaration) || Node.isMethodSignature(declaration))
  )
    return [{ name: `${name}()`, type: signatureOf(declaration), docs }];
  const isWritten =
    declaration !== undefined && Node.isTyped(declaration) && !Node.isTypeAliasDeclaration(at);
  const node = isWritten ? declaration.getTypeNode() : undefined;
  if (node !== undefined && Node.isTypeLiteral(node)) {
    const inner = node
      .getType()
      .getProperties()
      .flatMap((each) => memberOf(each, `${prefix}${symbol.getName()}.`, at));
    return [{ name, type: "object", docs }, ...inner];
  }
  const isConstant = node !== undefined && /^\(?(keyof )?typeof /.test(node.getText());
  const calculated = symbol.getTypeAtLocation(at).getText(at, ts.TypeFormatFlags.NoTruncation);
  const type = node === undefined || isConstant ? calculated : node.getText();
  return [{ name, type: shortened(type, optional), docs }];
}

/** A type without what the question mark says already; what fills half a page is an object. */
function shortened(type, optional) {
  const local = type.replaceAll(/import\("[^"]*"\)\./g, "");
  const certain = optional === "" ? local : local.replace(/ \| undefined$/, "");
  return certain.length > MAX_TYPE_CHARACTERS ? "object" : certain;
}

function signatureOf(method) {
  const parameters = method.getParameters().map((parameter) => parameter.getText().replaceAll(/\s+/g, " "));
  return `(${parameters.join(", ")}) => ${method.getReturnTypeNode()?.getText() ?? "void"}`;
}

/** The members that a table shows: those of interfaces, of classes but what they inherit, and of objects that are calculated. */
function membersOf(declaration) {
  const type = declaration.getType();
  if (Node.isClassDeclaration(declaration)) {
    const own = declaration.getInstanceMembers().filter((member) => !member.getName().startsWith("#"));
    return own.flatMap((member) => memberOf(member.getSymbolOrThrow(), "", declaration));
  }
  const isCalculated =
    Node.isTypeAliasDeclaration(declaration) &&
    /^(z\.|Partial<|Readonly<|Pick<|Omit<)/.test(aliasOf(declaration));
  if (!Node.isInterfaceDeclaration(declaration) && !(isCalculated && type.isObject())) return [];
  return type.getProperties().flatMap((each) => memberOf(each, "", declaration));
}

const aliasOf = (declaration) => declaration.getTypeNode()?.getText() ?? "";

function tableOf(declaration, exported) {
  const members = membersOf(declaration);
  if (members.length === 0) return "";
  const rows = members.map(
    ({ name, type, docs }) =>
      `| \`${name}\` | ${typeCell(type, exported)} | ${cellOf(proseOf(docs, exported))} |`,
  );
  return ["| member | type | |", "|---|---|---|", ...rows].join("\n");
}

/** The words of a list that is declared elsewhere. */
function unionOf(declaration) {
  const type = declaration.getType();
  const words = (type.isUnion() ? type.getUnionTypes() : [type]).map((each) => each.getText());
  return words.length > 8 ? `\n${words.map((word) => `  | ${word}`).join("\n")}` : ` ${words.join(" | ")}`;
}

/** A declaration as a reader would write it. */
function codeOf(declaration) {
  if (Node.isTypeAliasDeclaration(declaration) && /^(\(typeof|keyof typeof)/.test(aliasOf(declaration)))
    return ["```typescript", `type ${declaration.getName()} =${unionOf(declaration)};`, "```"].join("\n");
  const text = statementOf(declaration)
    .getText()
    .replaceAll(/^export declare |^export /g, "")
    .replaceAll(/import\("[^"]*"\)\./g, "");
  return ["```typescript", text, "```"].join("\n");
}

function entryOf(name, declaration, exported) {
  const docs = docsOf(statementOf(declaration));
  const isFunction = Node.isFunctionDeclaration(declaration);
  const table = tableOf(declaration, exported);
  const needsCode = isFunction || table === "";
  const parts = [
    `### ${name}`,
    proseOf(docs, exported),
    needsCode ? codeOf(declaration) : "",
    table,
    ...examplesOf(docs),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function contentsOf(sections) {
  const linkTo = (name) => `[\`${name}\`](#${anchorOf(name)})`;
  const rows = Object.entries(sections).map(
    ([title, names]) =>
      `- [${title}](#${title.toLowerCase().replaceAll(" ", "-")}): ${names.map(linkTo).join(", ")}`,
  );
  return rows.join("\n");
}

function pageOf({ title, module, entry, sections }) {
  const exported = exportsOf(entry);
  const undocumented = [...exported].filter(
    ([, declaration]) => proseOf(docsOf(statementOf(declaration)), exported) === "",
  );
  if (undocumented.length > 0)
    throw new Error(`without TSDoc: ${undocumented.map(([name]) => name).join(", ")}`);
  const arranged = arrange(exported, sections);
  const head = `# ${title}

What \`import … from "${module}"\` gives, from its TSDoc. Written by \`npm run docs:api\`: change the source, not this page.

${contentsOf(sections)}
`;
  const body = arranged.map(
    ([name, names]) =>
      `## ${name}\n\n${names.map((each) => entryOf(each, exported.get(each), exported)).join("\n\n")}\n`,
  );
  return [head, ...body].join("\n");
}

const stale = [];
for (const page of PAGES) {
  const text = pageOf(page);
  if (!process.argv.includes("--check")) {
    mkdirSync("docs/api", { recursive: true });
    writeFileSync(page.path, text);
  } else if (!existsSync(page.path) || readFileSync(page.path, "utf8") !== text) {
    stale.push(page.path);
  }
}
if (stale.length > 0) {
  console.error(`${stale.join(" and ")} are not up to date: run npm run docs:api`);
  process.exit(1);
}
