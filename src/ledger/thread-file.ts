/** The file of a thread that lies beside this one, such as `check-thread`: as it stands, and as it is built. */
export function threadFile(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
}
