import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// The drop-in is used from the folder two levels up; a shop installs it as a package and needs none of this.
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export default { outputFileTracingRoot: root, turbopack: { root } };
