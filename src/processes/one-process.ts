/** The whole server in one process: for tests, demonstrations and small machines. */
import { createLocalBus } from '../bus/local.js';
import type { Config } from '../config.js';
import type { Log } from '../observe/log.js';
import { createProcessTools } from './process-tools.js';
import { runControl } from './roles.js';
import { ExitCode } from './start-error.js';
import type { Supervisor } from './supervisor.js';
import { startWorker } from './worker.js';

/** Control and one worker in this process, with the bus between them in memory. */
export async function startInOneProcess(config: Config, log?: Log): Promise<Supervisor> {
  const number = 1;
  const tools = createProcessTools(config, 'all', 'all', log);
  const bus = createLocalBus(number);
  const control = await runControl(tools, { takesOver: false, makeBus: bus.control });
  if (config.role === 'api') {
    return {
      addresses: control.addresses,
      reloadCertificates() {},
      async stop() {
        await control.stop();
        return ExitCode.OK;
      },
      kill() {},
    };
  }
  try {
    const worker = await startWorker({
      // Asked over the bus, the worker adds nothing: control's page has the values of this process.
      tools: { ...tools, metrics: { ...tools.metrics, values: () => Promise.resolve([]) } },
      number,
      reader: control.store,
      makeBus: bus.worker,
      ticketKeys: '',
    });
    return {
      addresses: [...worker.addresses, ...control.addresses],
      reloadCertificates: () => void worker.reloadCertificates(),
      async stop() {
        await worker.stop(config.drain.overMs);
        await control.stop();
        return ExitCode.OK;
      },
      kill() {},
    };
  } catch (error) {
    await control.stop();
    throw error;
  }
}
