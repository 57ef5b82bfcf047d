import process from 'node:process';
import { createJsonLog, readConfig, startGateway } from '../gateway/gateway.ts';

/** A gateway in a process of its own, configured by its environment; says its port to the parent. */
const gateway = await startGateway(readConfig(process.env), { log: createJsonLog(() => undefined, Date.now) });
process.send?.(gateway.port);
process.once('disconnect', () => void gateway.close());
