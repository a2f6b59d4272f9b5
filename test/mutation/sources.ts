// which files of src/ the mutation tests change

/** Regular expressions of their paths. */
const CHANGED = [/^src\/(engines|validation)\/.+\.ts$/, /^src\/[a-z-]+\/(plan|check)[a-z-]*\.ts$/, /^src\/[a-z-]+\/[a-z-]+-checks\.ts$/];

/** Those among them that are not changed, and why. */
const UNCHANGED: { readonly [file: string]: string } = {
  'src/engines/container-process.ts': 'only types',
  'src/engines/proxy-model.ts': 'only types',
  'src/engines/handover/model.ts': 'only types',
  'src/engines/keepalived/model.ts': 'only types',
  'src/validation/codes.ts': 'a table of texts',
  'src/validation/type-table.ts': 'a table of types, written by a script',
  'src/validation/texts.ts': 'its tests ask Kubernetes\' parser for thousands of texts: seconds for each change',
  'src/engines/envoy/yaml.ts': 'its tests ask Kubernetes\' parser for thousands of texts: seconds for each change',
};

/** Whether the mutation tests change a file. */
export const isChanged = (file: string) => CHANGED.some(form => form.test(file)) && !(file in UNCHANGED);
