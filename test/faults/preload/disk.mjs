// A disk that fails: while the file FAULT_DISK_FILE exists, writes and syncs below FAULT_DISK_DIRECTORY end in the error it names.
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

const flag = process.env.FAULT_DISK_FILE ?? '';
const handle = await open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const method of ['write', 'writev', 'datasync', 'sync', 'appendFile', 'writeFile']) {
  const real = prototype[method];
  prototype[method] = function failing(...args) {
    if (flag !== '' && existsSync(flag)) {
      const code = readFileSync(flag, 'utf8').trim();
      return Promise.reject(Object.assign(new Error(`${code}: injected`), { code, syscall: method }));
    }
    return real.apply(this, args);
  };
}
