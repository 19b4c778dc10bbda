// A feature's texts are a pair of files en/<namespace>.json and ru/<namespace>.json; the file name is the namespace.

export type Catalog = Record<string, Record<string, unknown>>;

/** Turns modules by path ("./en/process.json") into catalogs by namespace ("process"). */
export function byNamespace(modules: Record<string, Record<string, unknown>>): Catalog {
  return Object.fromEntries(
    Object.entries(modules).map(([path, texts]) => [path.replace(/^.*\/(.+)\.json$/, '$1'), texts]),
  );
}
