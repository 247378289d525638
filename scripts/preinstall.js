// Run by npm when byzsim is installed as a package, once everything is unpacked and before the install step of any other
// package. That of onnxruntime-node downloads libraries of CUDA from another host than the registry: hundreds of MB
// that the CPU never needs, and where that host cannot be reached the whole installation fails. What turns it off is
// ONNXRUNTIME_NODE_INSTALL=skip, which a package cannot set for another; so it becomes the default. Those who name what
// they want, by a variable or on the command line, still get it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const skipByDefault =
  'if (process.argv.length === 2 && !Object.keys(process.env).some((name) => /^(npm_config_)?onnxruntime_node_install/i.test(name)))' +
  " process.env.ONNXRUNTIME_NODE_INSTALL = 'skip'; // preinstall.js of byzsim\n";

const installer = findInstaller();
const content = installer && readFileSync(installer, 'utf8');
if (content && !content.startsWith(skipByDefault)) {
  // Renamed over the old one, which may be a link into a store of packages.
  writeFileSync(`${installer}.new`, skipByDefault + content);
  renameSync(`${installer}.new`, installer);
}

/** Undefined where the package is not there, or has no install step. */
function findInstaller() {
  try {
    return createRequire(import.meta.url).resolve('onnxruntime-node/script/install.js');
  } catch {
    return undefined;
  }
}
